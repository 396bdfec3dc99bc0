"""Fills a database with real FastAPI-Users over SQLAlchemy, and prints what a test has to know of it as JSON.

usage: fastapi_users_origin.py DATABASE_URL
"""

import asyncio
import json
import sys
import uuid

import bcrypt
from fastapi_users import BaseUserManager, UUIDIDMixin, schemas
from fastapi_users.db import SQLAlchemyBaseOAuthAccountTableUUID, SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from sqlalchemy import String
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

PASSWORD = "a walk along the river"


class Base(DeclarativeBase):
    pass


class OAuthAccount(SQLAlchemyBaseOAuthAccountTableUUID, Base):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    # Is a column of the application's own, as its documentation shows.
    first_name: Mapped[str | None] = mapped_column(String(100))
    oauth_accounts: Mapped[list[OAuthAccount]] = relationship("OAuthAccount", lazy="joined")


class UserCreate(schemas.BaseUserCreate):
    first_name: str | None = None


class UserManager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    reset_password_token_secret = "secret of the origin"
    verification_token_secret = "secret of the origin"


def told(user, **more):
    told = {
        "id": str(user.id),
        "email": user.email,
        "firstName": user.first_name,
        "isActive": user.is_active,
        "isSuperuser": user.is_superuser,
        "isVerified": user.is_verified,
    }
    return {**told, **more}


async def fill(url):
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        database = SQLAlchemyUserDatabase(session, User, OAuthAccount)
        manager = UserManager(database)
        people = {}

        async def add(name, email=None, **fields):
            create = UserCreate(email=email or f"{name}@example.com", password=PASSWORD, **fields)
            user = await manager.create(create)
            people[name] = told(user, password=PASSWORD, algorithm="argon2id")
            return user

        await add("ada", is_verified=True, first_name="آدا")
        await add("admin", is_verified=True, is_superuser=True)
        await add("unverified")
        await add("inactive", is_verified=True, is_active=False)
        await add("capitals", email="Capitals@Example.com", is_verified=True)
        # Releases up to 12 hashed with bcrypt; such a hash stays until the next sign-in.
        old = await add("old", is_verified=True)
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(12)).decode()
        await database.update(old, {"hashed_password": hashed})
        people["old"]["algorithm"] = "bcrypt"

        # They came by a provider: FastAPI-Users gives them a password that nobody knows.
        social = await manager.oauth_callback(
            "google",
            access_token="access token",
            account_id="108",
            account_email="social@example.com",
            expires_at=1_900_000_000,
            refresh_token="refresh token",
            is_verified_by_default=True,
        )
        people["social"] = told(social, password=None, provider="google", accountId="108", accessToken="access token")
    await engine.dispose()
    return {"origin": "fastapi-users", "people": people}


if __name__ == "__main__":
    address = (
        sys.argv[1].replace("postgres://", "postgresql+psycopg://").replace("postgresql://", "postgresql+psycopg://")
    )
    json.dump(asyncio.run(fill(address)), sys.stdout, indent=1, ensure_ascii=False)
    print()
