"""A proxy passes on nearly all that is done to it, but it is an object of another type.

Look for the lines in which the proxy is not like the object that it stands for.

Question: isinstance(cart, dict) is True. Why does json refuse the cart all the same? And
why does `total += 5` add nothing, where `cart |= {...}` does?
"""

import json

from minictx import Local, LocalProxy

local = Local()
cart = LocalProxy(local, "cart", unbound_message="there is no cart")
total = LocalProxy(local, "total")

print("unbound: no cart is set yet")
print(f"  {cart = }")
print(f"  {bool(cart) = }")
try:
    len(cart)
except RuntimeError as error:
    print(f"  len(cart): {error}")

local.cart = {"tea": 2}
local.total = 10

print("passed on")
print(f"  {cart = }")
print(f"  {bool(cart) = }")
print(f"  {len(cart) = }")
print(f"  {cart['tea'] = }")
print(f"  {100 - total = }")
print(f"  {cart == local.cart = }")
print(f"  {isinstance(cart, dict) = }")

print("not passed on")
print(f"  {cart is local.cart = }")
print(f"  {type(cart).__name__ = }")
try:
    json.dumps(cart)
except TypeError as error:
    print(f"  json.dumps(cart): {error}")
print(f"  {json.dumps(dict(cart)) = }")

total += 5
cart |= {"milk": 1}
print("after total += 5 and cart |= {'milk': 1}")
print(f"  {local.total = }")
print(f"  {local.cart = }")
print(f"  {type(total).__name__ = }")

# Answer: isinstance() also asks cart.__class__, which is passed on; type() and json, which
# is written in C, look at the object itself, and see no dict. (The message then asks
# __class__.) Give such code a copy, dict(cart), or the object, cart._get_current_object().
# `p += x` leaves the proxy in the name p, or p would stand for one object ever after.
# A dict can change in place; a number can't: say local.total += 5.
#
# Chapter: Proxy
# Learners ask: 7 (docs/topics.md)
#
# Output:
# unbound: no cart is set yet
#   cart = <LocalProxy unbound>
#   bool(cart) = False
#   len(cart): there is no cart
# passed on
#   cart = {'tea': 2}
#   bool(cart) = True
#   len(cart) = 1
#   cart['tea'] = 2
#   100 - total = 90
#   cart == local.cart = True
#   isinstance(cart, dict) = True
# not passed on
#   cart is local.cart = False
#   type(cart).__name__ = 'LocalProxy'
#   json.dumps(cart): Object of type dict is not JSON serializable
#   json.dumps(dict(cart)) = '{"tea": 2}'
# after total += 5 and cart |= {'milk': 1}
#   local.total = 10
#   local.cart = {'tea': 2, 'milk': 1}
#   type(total).__name__ = 'LocalProxy'
