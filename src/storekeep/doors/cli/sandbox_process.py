"""The demo's payment provider as a process of its own: `python -m storekeep.doors.cli.sandbox_process …`."""

import os
import sys
from pathlib import Path

from storekeep.world.sandbox import serve


def main(arguments: list[str]) -> None:
    """Serve the sandbox: port, database, address of the shop, public address, host, and perhaps a certificate."""
    port, db_path, shop_url, public_url, host, *certificate = arguments
    serve.run(
        host,
        int(port),
        db_path,
        f"{shop_url}/webhooks/stripe",
        webhook_secret=os.environ["STOREKEEP_SANDBOX_WEBHOOK_SECRET"],
        secret_key=os.environ["STOREKEEP_SANDBOX_KEY"],
        shop_name="Hearth & Table",
        public_url=public_url,
        ssl_cert=Path(certificate[0]) if certificate else None,
        ssl_key=Path(certificate[1]) if certificate else None,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
