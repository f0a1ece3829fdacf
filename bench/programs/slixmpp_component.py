"""A message balancer as a user of slixmpp would write it: an event, a turn, a send."""

import asyncio
import itertools
import sys

from slixmpp import ComponentXMPP


class Balancer(ComponentXMPP):
    def __init__(self, port, domain, secret, workers):
        super().__init__(domain, secret, '127.0.0.1', int(port))
        self.turns = itertools.cycle(workers)
        self.add_event_handler('message', self.forward)

    def forward(self, message):
        message['from'] = f"{message['to']}/{message['from']}"
        message['to'] = next(self.turns)
        message.send()


port, domain, secret, *workers = sys.argv[1:]
xmpp = Balancer(port, domain, secret, workers)
xmpp.connect()
asyncio.get_event_loop().run_forever()
