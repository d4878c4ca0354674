"""CPU per djangorestframework-api-key check: has_permission, its store an SQLite in memory."""

import json
import sys
import time

import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "rest_framework",
        "rest_framework_api_key",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command
from django.test import RequestFactory
from rest_framework_api_key.models import APIKey
from rest_framework_api_key.permissions import HasAPIKey

call_command("migrate", verbosity=0)
_, key = APIKey.objects.create_key(name="bench")
request = RequestFactory().get("/", HTTP_AUTHORIZATION="Api-Key " + key)
check = HasAPIKey().has_permission
assert check(request, None)
assert not check(RequestFactory().get("/", HTTP_AUTHORIZATION="Api-Key " + key + "x"), None)

calls = int(sys.argv[1])
for _ in range(500):
    check(request, None)
start = time.process_time()
for _ in range(calls):
    check(request, None)
print(json.dumps((time.process_time() - start) / calls * 1e6))
