"""python -m ui: the window, from the source tree."""

import sys

from ui.app import main

sys.exit(main())
