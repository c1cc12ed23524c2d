#!/usr/bin/env python3
"""Django's usual entry point; `anlan` is the same thing once installed."""

from anlan.__main__ import main

if __name__ == "__main__":
    main()
