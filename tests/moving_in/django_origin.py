"""Fills a database with real Django and django-allauth, and prints what a test has to know of it as JSON.

usage: django_origin.py DATABASE_URL
"""

import datetime
import json
import sys
import urllib.parse

import django
from django.conf import settings

PASSWORD = "a walk along the river"
HASHERS = ["PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt", "Scrypt", "MD5"]


def database(url):
    parts = urllib.parse.urlsplit(url)
    host = urllib.parse.parse_qs(parts.query).get("host", [parts.hostname])[0]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username,
        "PASSWORD": parts.password or "",
        "HOST": host,
        "PORT": parts.port or "",
    }


def configure(url):
    settings.configure(
        SECRET_KEY="secret of the origin",
        DATABASES={"default": database(url)},
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "allauth",
            "allauth.account",
            "allauth.socialaccount",
            "allauth.mfa",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        PASSWORD_HASHERS=[f"django.contrib.auth.hashers.{name}PasswordHasher" for name in HASHERS],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        MFA_SUPPORTED_TYPES=["totp", "recovery_codes"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
    )
    django.setup()


urlpatterns = []


def fill():
    from allauth.account.models import EmailAddress
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
    from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
    from django.contrib.auth.models import Group, User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    # A program that is compiled for tests computes the usual million for a minute. SHA-1 inherits it.
    PBKDF2PasswordHasher.iterations = 20_000
    people = {}

    def add(name, algorithm="argon2", password=PASSWORD, verified=True, **fields):
        fields = {"username": name, "email": f"{name}@example.com", **fields}
        user = User(**fields)
        user.password = make_password(password, hasher=algorithm)
        user.save()
        if fields["email"]:
            EmailAddress.objects.create(user=user, email=fields["email"], verified=verified, primary=True)
        user.refresh_from_db()
        people[name] = {
            "id": str(user.id),
            "username": user.username,
            "email": user.email,
            "verified": bool(fields["email"]) and verified,
            "name": user.get_full_name(),
            "password": password,
            "algorithm": algorithm if password else None,
            "isActive": user.is_active,
            "isStaff": user.is_staff,
            "isSuperuser": user.is_superuser,
            "createdAt": user.date_joined.isoformat(),
        }
        return user

    ada = add("ada", "pbkdf2_sha256", first_name="آدا", last_name="لوفلايس")
    joined = datetime.datetime(2019, 3, 1, 12, 30, tzinfo=datetime.timezone.utc)
    User.objects.filter(pk=ada.pk).update(date_joined=joined, last_login=joined)
    people["ada"]["createdAt"] = joined.isoformat()
    ada.groups.add(Group.objects.create(name="editors"), Group.objects.create(name="Night shift"))
    people["ada"]["groups"] = ["editors", "Night shift"]
    EmailAddress.objects.create(user=ada, email="ada.private@example.com", verified=True, primary=False)

    add("argon", is_staff=True, is_superuser=True)
    add("bcrypt_sha256", "bcrypt_sha256", is_staff=True)
    add("bcrypt", "bcrypt")
    add("scrypt", "scrypt")
    add("sha1", "pbkdf2_sha1")
    add("md5", "md5")
    add("unverified", verified=False)
    add("inactive", is_active=False)
    add("capitals", email="Capitals@Example.com")
    # Django lets several people be without an address.
    add("nowhere", email="")
    add("nowhere_either", email="")
    # It also lets two have addresses that differ in case alone.
    add("twin", email="twin@example.com")
    add("twin_too", email="TWIN@example.com")

    # They came by a provider, and cannot sign in by a password.
    social = add("social", password=None)
    app = SocialApp.objects.create(provider="google", name="Google", client_id="client", secret="secret")
    account = SocialAccount.objects.create(user=social, provider="google", uid="108", extra_data={"sub": "108"})
    SocialToken.objects.create(app=app, account=account, token="access token", token_secret="refresh token")
    people["social"].update(provider="google", accountId="108", accessToken="access token")

    second = add("second")
    secret = generate_totp_secret()
    TOTP.activate(second, secret)
    codes = RecoveryCodes.activate(second)
    people["second"].update(totpSecret=secret, recoveryCodes=codes.get_unused_codes())
    types = list(Authenticator.objects.values_list("type", "data"))
    return {"origin": "django", "people": people, "authenticators": types}


if __name__ == "__main__":
    configure(sys.argv[1])
    json.dump(fill(), sys.stdout, indent=1, ensure_ascii=False)
    print()
