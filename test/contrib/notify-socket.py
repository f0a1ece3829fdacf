"""A socket as systemd holds one for a service (sd_notify(3)): prints each message as a line of JSON."""

import json
import socket
import sys

with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
    listener.bind(sys.argv[1])
    print('"listening"', flush=True)
    while True:
        # A descriptor that comes along (BARRIER=1) is closed by not being taken: that is the answer to it.
        print(json.dumps(listener.recv(65536).decode()), flush=True)
