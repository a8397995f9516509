"""python -m studio.practice SETTINGS, the settings as JSON: how a practice org is started as a child process."""

import sys

from studio.practice.program import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
