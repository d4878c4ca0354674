"""Makes keys with the real djangorestframework-api-key, and writes down its table and the keys.

Usage: python drf_keys.py COUNT FOLDER

In FOLDER: apikeys.json (Django's dumpdata), apikeys.csv (the table), and keys.json: every key with what has
become of it, which the table does not hold.
"""

import csv
import json
import sys
from datetime import timedelta
from pathlib import Path

import django
from django.conf import settings

count, folder = int(sys.argv[1]), Path(sys.argv[2])
settings.configure(
    INSTALLED_APPS=["rest_framework_api_key"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "db.sqlite3")}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    SECRET_KEY="not a secret",
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402
from rest_framework_api_key.models import APIKey  # noqa: E402

call_command("migrate", verbosity=0)

keys = []
for index in range(count):
    state = {0: "revoked", 1: "expired", 2: "expiring"}.get(index % 8, "active")
    expiry = {"expired": timedelta(hours=-1), "expiring": timedelta(days=30)}.get(state)
    record, key = APIKey.objects.create_key(
        name=f"client {index}", expiry_date=None if expiry is None else timezone.now() + expiry
    )
    if state == "revoked":
        record.revoked = True
        record.save()
    assert APIKey.objects.is_valid(key) == (state in ("active", "expiring"))
    keys.append({"key": key, "prefix": record.prefix, "state": state})

with open(folder / "apikeys.json", "w") as file:
    call_command("dumpdata", "rest_framework_api_key", stdout=file)
with open(folder / "apikeys.csv", "w", newline="") as file:
    columns = ["id", "prefix", "hashed_key", "created", "name", "revoked", "expiry_date"]
    writer = csv.DictWriter(file, columns)
    writer.writeheader()
    writer.writerows(APIKey.objects.values(*columns))
(folder / "keys.json").write_text(json.dumps(keys))
