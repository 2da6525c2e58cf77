"""`python -m storekeep.doors.cli` is the `storekeep` command."""

from storekeep.doors.cli.main import main

if __name__ == "__main__":
    main()
