"""The tests of the extensions need the extensions: `run_extensions.py` installs them."""

import os

collect_ignore = [] if "MINICTX_EXTENSIONS_ON" in os.environ else ["extensions"]
