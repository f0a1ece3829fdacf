"""A worker on slixmpp: joins a pool and answers what it gets. Put your work into `work`.

    XMPP_PASSWORD=secret python3 examples/worker.py worker@example.org/n1 jobs@pools.example.org [PRIORITY]

XMPP_SERVICE says where the server is (xmpp://127.0.0.1:5222); else DNS does. On loopback it does without TLS where the server offers none.
"""

import asyncio
import os
import signal
import sys
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import slixmpp

# How servers say that the router is away, beside the error type `wait`: ejabberd, Prosody, jabberd2.
AWAY = ("remote-server-not-found", "remote-server-timeout", "item-not-found")


class Worker(slixmpp.ClientXMPP):
    def __init__(self, jid, password, pool, priority):
        super().__init__(jid, password)
        self.pool = pool
        self.priority = priority
        self.leaving = False
        self.pause = 1
        self.waiting = False
        self.register_plugin("xep_0199")  # answers pings: the router asks whether a worker still lives
        # To a pool that delivers at least once a receipt says that the work is done: so none before, as the plugin
        # would send it by itself.
        self.register_plugin("xep_0184", {"auto_ack": False})
        self.add_event_handler("session_start", self.online)  # after each login, so after each reconnect too
        self.add_event_handler("presence_available", self.shown)
        self.add_event_handler("presence_error", self.refused)
        self.add_event_handler("message", self.got)
        self.add_event_handler("disconnected", self.lost)

    def work(self, body):
        return "%s did: %s" % (self.boundjid.resource, body)

    def join(self, **wish):
        """Presence directed to the pool makes this session a worker; its priority is its weight."""
        presence = self.make_presence(pto=self.pool, ppriority=self.priority)
        ET.SubElement(presence.xml, "{urn:x-switchyard:worker:0}x", wish)
        presence.send()

    def ask(self):
        self.waiting = False
        if not self.leaving:
            self.send_presence(pto=self.pool, ptype="subscribe")  # receipts are for those that one knows
            self.join()

    def online(self, _):
        self.ask()
        print("%s joins %s" % (self.boundjid, self.pool), flush=True)

    def shown(self, presence):
        # The pool shows itself when it takes us in, and when the router is back: then it wants to be told again.
        if presence["from"].full == self.pool and not self.leaving:
            self.pause = 1
            self.join()

    def refused(self, presence):
        error = presence["error"]
        print("%s refuses: %s" % (presence["from"], error["condition"]), file=sys.stderr)
        # A router that is away does not know that we wanted to join: it is asked again, less and less often.
        if self.waiting or (error["type"] != "wait" and error["condition"] not in AWAY):
            return
        self.waiting = True
        self.loop.call_later(self.pause, self.ask)
        self.pause = min(self.pause * 2, 60)

    def got(self, message):
        if message["from"].bare != self.pool or message["type"] == "error" or not message["body"]:
            return
        done = self.work(message["body"])
        print(done, flush=True)
        # To the address that it came from: that is the sender, seen through the pool.
        answer = self.make_message(mto=message["from"], mtype=message["type"], mbody=done)
        if message["thread"]:
            answer["thread"] = message["thread"]
        answer.send()
        if message["request_receipt"]:
            self["xep_0184"].ack(message)

    def lost(self, why):
        if not self.leaving:
            print("not connected (%s); trying again" % (why or "the server closed the stream"), file=sys.stderr)
            self.loop.call_later(1, connect, self)

    async def leave(self):
        # First take nothing new, so that the others get what comes. What came before is here, and done, once the pool
        # answers a ping: this worker does one thing after the other.
        self.leaving = True
        self.join(drain="true")
        try:
            await self["xep_0199"].send_ping(self.pool, timeout=5)
        except slixmpp.exceptions.XMPPError:
            pass
        self.send_presence(pto=self.pool, ptype="unavailable")
        await self.disconnect()
        self.loop.stop()


def connect(worker):
    service = urlsplit(os.environ.get("XMPP_SERVICE", ""))
    plain = service.hostname in ("127.0.0.1", "::1", "localhost")
    port = service.port or 5222
    if hasattr(worker, "enable_plaintext"):  # slixmpp 1.9 and newer
        if plain:
            worker.enable_direct_tls = False
            worker.enable_plaintext = True
        worker.connect(*((service.hostname, port) if service.hostname else ()))
    else:
        worker.connect(*(((service.hostname, port),) if service.hostname else ()), force_starttls=not plain)


def main():
    if len(sys.argv) < 3 or "XMPP_PASSWORD" not in os.environ:
        sys.exit("Usage: XMPP_PASSWORD=... worker.py USER@SERVER/NAME POOL@SERVICE [PRIORITY]")
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    jid, pool = sys.argv[1:3]
    worker = Worker(jid, os.environ["XMPP_PASSWORD"], pool, int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, lambda: asyncio.ensure_future(worker.leave()))
    worker.add_event_handler("failed_auth", lambda _: sys.exit("%s: the server refuses the login" % jid))
    connect(worker)
    loop.run_forever()


main()
