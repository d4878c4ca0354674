"""Calls an API with examples/key_client.py in several threads until stdin closes, then prints how often each status occurred."""

import collections
import json
import sys
import threading

import boto3
from key_client import KeyClient

secret_id, url, ttl_seconds, threads = sys.argv[1:]
client = KeyClient(boto3.client("secretsmanager"), secret_id, float(ttl_seconds))
statuses = collections.Counter()
stopping = threading.Event()


def call():
    while not stopping.is_set():
        # The request is counted as failed if it raises an exception.
        status = 0
        try:
            status = client.request("GET", url).status
        finally:
            statuses[status] += 1


workers = [threading.Thread(target=call) for _ in range(int(threads))]
statuses[client.request("GET", url).status] += 1
print("started", flush=True)
for worker in workers:
    worker.start()
sys.stdin.read()
stopping.set()
for worker in workers:
    worker.join()
print(json.dumps(statuses), flush=True)
