"""Makes a data folder of PocketBase with the customers of the file of the bare handler, by one statement.

seed.py POCKETBASE FOLDER SOURCE TENANT EMAIL PASSWORD
"""

import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

pocketbase, folder, source, tenant, email, password = sys.argv[1:]
migrations = pathlib.Path(__file__).parent / "pb_migrations"

# Ids of PocketBase have 15 letters: a tenant's are the last ones of its id in the source, a customer's its row's number.
TENANT = "substr(lower(hex(tenant_id)), -15)"
COPIED = (
    "company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, "
    "is_active, external_id, tags, notes"
)


def migrate(folder_of_migrations: pathlib.Path) -> None:
    command = [pocketbase, "migrate", "up", f"--dir={folder}", f"--migrationsDir={folder_of_migrations}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def user_of(tenant: str) -> str:
    """A migration that makes the user, since PocketBase alone knows how it hashes passwords."""
    fields = json.dumps({"email": email, "password": password, "tenant": tenant, "verified": True})
    return f"migrate((app) => app.save(new Record(app.findCollectionByNameOrId('users'), {fields})));"


migrate(migrations)
database = sqlite3.connect(pathlib.Path(folder) / "data.db", isolation_level=None)
database.execute("ATTACH ? AS source", (source,))
database.execute("BEGIN")
database.execute(f"INSERT INTO tenants (id, slug) SELECT DISTINCT {TENANT}, {TENANT} FROM source.customers")
moment = "strftime('%Y-%m-%d %H:%M:%S', created_at / 1000000, 'unixepoch') || printf('.%03dZ', created_at / 1000 % 1000)"
columns = ", ".join(f"coalesce({column}, '')" for column in COPIED.split(", "))
database.execute(
    f"INSERT INTO customers (id, tenant, owner, created, updated, {COPIED}) "
    f"SELECT printf('%015d', rowid), {TENANT}, '', {moment}, {moment}, {columns} FROM source.customers"
)
database.execute("COMMIT")
database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
database.close()

with tempfile.TemporaryDirectory() as scratch:
    pathlib.Path(scratch, "2_user.js").write_text(user_of(tenant.replace("-", "")[-15:]))
    migrate(pathlib.Path(scratch))
