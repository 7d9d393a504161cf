"""`python tests/fuzz`: see harness.py."""

from harness import main

if __name__ == "__main__":
    raise SystemExit(main())
