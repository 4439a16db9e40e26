"""Fills CRM_FILE with the customers of the file of the bare handler, by one statement.

seed.py SOURCE TENANT EMAIL PASSWORD
"""

import sys
import uuid

from pwdlib import PasswordHash
from sqlalchemy import text

from models import Base, SessionLocal, Tenant, User, engine

source, tenant, email, password = sys.argv[1:]
Base.metadata.create_all(engine)

COPIED = (
    "company, name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, "
    "is_active, external_id, tags, notes"
)
MOMENT = "strftime('%Y-%m-%d %H:%M:%S', created_at / 1000000, 'unixepoch') || printf('.%06d', created_at % 1000000)"

with SessionLocal() as session:
    session.execute(text("ATTACH :source AS source"), {"source": source})
    session.execute(
        text("INSERT INTO tenants (id, slug) SELECT DISTINCT lower(hex(tenant_id)), lower(hex(tenant_id)) FROM source.customers")
    )
    session.execute(
        text(
            f"INSERT INTO customers (id, tenant_id, created_at, updated_at, {COPIED}) "
            f"SELECT lower(hex(id)), lower(hex(tenant_id)), {MOMENT}, {MOMENT}, {COPIED} FROM source.customers"
        )
    )
    owner = session.get_one(Tenant, uuid.UUID(tenant))
    session.add(User(tenant=owner, email=email, password_hash=PasswordHash.recommended().hash(password)))
    session.commit()

# The last connection to close writes all that is in the log of the file into the file itself.
engine.dispose()
