"""Customers of many tenants, as one would write it in an afternoon with FastAPI's and SQLAlchemy's own tutorials.

uvicorn app:app --workers 2, with CRM_FILE set
"""

import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pwdlib import PasswordHash
from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models import Customer, User, get_session

SECRET = os.environ.get("CRM_SECRET", "a secret that a deployment would set to one of its own")
ALGORITHM = "HS256"

app = FastAPI()
passwords = PasswordHash.recommended()
Database = Annotated[Session, Depends(get_session)]


class Credentials(BaseModel):
    email: str
    password: str


class CustomerIn(BaseModel):
    company: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    is_active: bool = True
    owner_id: uuid.UUID | None = None
    external_id: str | None = None
    tags: list[str] = []
    notes: str | None = None


class CustomerOut(CustomerIn):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    created_at: datetime
    updated_at: datetime


class CustomerPage(BaseModel):
    data: list[CustomerOut]
    total: int | None = None


def current_user(
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())], session: Database
) -> User:
    try:
        subject = jwt.decode(credentials.credentials, SECRET, algorithms=[ALGORITHM])["sub"]
    except jwt.InvalidTokenError:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED) from None
    user = session.get(User, uuid.UUID(subject))
    if user is None or not user.is_active:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED)
    return user


CurrentUser = Annotated[User, Depends(current_user)]


@app.post("/login")
def login(credentials: Credentials, session: Database) -> dict[str, str]:
    user = session.scalar(select(User).where(User.email == credentials.email))
    if user is None or not passwords.verify(credentials.password, user.password_hash):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED)
    claims = {"sub": str(user.id), "exp": datetime.now(UTC) + timedelta(hours=12)}
    return {"token": jwt.encode(claims, SECRET, algorithm=ALGORITHM)}


@app.get("/customers/{customer_id}")
def read_customer(customer_id: uuid.UUID, user: CurrentUser, session: Database) -> CustomerOut:
    customer = session.get(Customer, customer_id)
    if customer is None or customer.tenant_id != user.tenant_id:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    return customer


@app.get("/customers")
def list_customers(
    user: CurrentUser,
    session: Database,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
    search: str | None = None,
    count: bool = False,
) -> CustomerPage:
    query = select(Customer).where(Customer.tenant_id == user.tenant_id)
    if search:
        columns = (Customer.company, Customer.name, Customer.email, Customer.phone, Customer.city)
        query = query.where(or_(*(column.icontains(search, autoescape=True) for column in columns)))
    total = session.scalar(select(func.count()).select_from(query.subquery())) if count else None
    page = query.order_by(Customer.created_at.desc()).offset(offset).limit(limit)
    return CustomerPage(data=session.scalars(page).all(), total=total)


@app.post("/customers", status_code=status.HTTP_201_CREATED)
def create_customer(customer: CustomerIn, user: CurrentUser, session: Database) -> CustomerOut:
    created = Customer(tenant_id=user.tenant_id, **customer.model_dump())
    session.add(created)
    session.commit()
    return created
