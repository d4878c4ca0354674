"""Calls an API with the key of a secret in AWS Secrets Manager.

The key is cached. The secret is read again when the cache expires, and whenever the API rejects the key, so that a rotation
fails no request. Needs boto3, which includes urllib3.

    client = KeyClient(boto3.client("secretsmanager"), "CheckoutKey")
    response = client.request("GET", "https://api.example.com/orders")
"""

import json
import threading
import time

import urllib3

# How many keys a request is sent with at most: the key can be rotated again while the request is on its way.
MAX_KEYS = 3


class KeyClient:
    """Sends the key of a secret with each request. Threads can share an instance.

    ttl_seconds is how long a key is cached. Keep it well below the overlap of the KeySecret.
    """

    def __init__(self, secrets_manager, secret_id, ttl_seconds=300.0):
        self._secrets_manager = secrets_manager
        self._secret_id = secret_id
        self._ttl_seconds = ttl_seconds
        self._http = urllib3.PoolManager(maxsize=10, retries=False)
        self._lock = threading.Lock()
        self._key = None
        self._expires_at = 0.0

    def request(self, method, url, headers=None, **options):
        """Returns a urllib3 response. Takes the options of urllib3's PoolManager.request."""
        key = self._current_key()
        for _ in range(MAX_KEYS - 1):
            response = self._send(method, url, key, headers, options)
            if response.status not in (401, 403):
                return response
            new_key = self._current_key(rejected=key)
            if new_key == key:
                return response
            key = new_key
        return self._send(method, url, key, headers, options)

    def _send(self, method, url, key, headers, options):
        return self._http.request(method, url, headers={**(headers or {}), "x-api-key": key}, **options)

    def _current_key(self, rejected=None):
        # One thread reads the secret, and the others wait for it.
        with self._lock:
            expired = time.monotonic() >= self._expires_at
            if self._key is None or expired or self._key == rejected:
                secret = self._secrets_manager.get_secret_value(
                    SecretId=self._secret_id, VersionStage="AWSCURRENT"
                )
                self._key = json.loads(secret["SecretString"])["key"]
                self._expires_at = time.monotonic() + self._ttl_seconds
            return self._key
