"""A worker and a sender for pools on slixmpp, with all that the library for Node does. Copy it.

    XMPP_PASSWORD=secret python3 examples/pool_client.py work worker@example.org/n1 jobs@pools.example.org
    XMPP_PASSWORD=secret python3 examples/pool_client.py ask me@example.org/shell jobs@pools.example.org TEXT...
    XMPP_PASSWORD=secret python3 examples/pool_client.py get me@example.org/shell rpc@pools.example.org NAMESPACE NAME

`work` answers messages: it joins, joins again when that is needed, lowers its priority under load,
drains on SIGTERM, and follows a transfer (XEP-0051) of its own server or of the service of its pool.
Where a receipt is asked for (XEP-0184) it is sent when the work is done, not before: to a pool that
delivers at least once it is the acknowledgement. Work that takes longer than the pool's `ackTimeout`
is given to another worker meanwhile; the library for Node asks for more time, this does not.
`ask` finds an instance of the pool and stays with it until it goes. `get` sends a request, and follows
redirects by the rules of JEP-0051, within the domains of the pool and of XMPP_REDIRECTS_TO.

XMPP_SERVICE says where the server is (xmpp://127.0.0.1:5222); else DNS does. TLS, with a certificate
for the domain of the account, is a must, except on loopback (unless XMPP_TLS is `required`). For slixmpp 1.8 (Debian 12).
"""

import asyncio
import ipaddress
import os
import random
import re
import signal
import sys
import uuid
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import slixmpp
from slixmpp.exceptions import IqError, IqTimeout, XMPPError
from slixmpp.xmlstream.handler import Callback, CoroutineCallback
from slixmpp.xmlstream.matcher import MatchXPath

CLIENT = "{jabber:client}"
CXFR = "{urn:xmpp:cxfr}"
RECEIPTS = "{urn:xmpp:receipts}"
SID = "{urn:xmpp:sid:0}"
DIX = "{urn:x-switchyard:dix:0}"
WORKER = "{urn:x-switchyard:worker:0}"
STANZAS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
MOST_IN_A_ROW = 3  # transfers, and redirects


def is_loopback(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_host(text):
    """`name`, `name:port`, an IPv4 address, `[IPv6]`, `[IPv6]:port`; None for what is none of them."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([\w-]+(?:\.[\w-]+)*))(?::(\d{1,5}))?", text or "")
    if not found or not 0 < int(found[3] or 5222) < 65536:
        return None
    return found[1] or found[2], int(found[3] or 5222)


class PoolClient(slixmpp.ClientXMPP):
    """A session that stays: it connects again, and elsewhere by the word of those it trusts."""

    def __init__(self, jid, password, service="", tls=False, trusted=()):
        super().__init__(jid, password)
        self.tls = tls
        self.domain = self.boundjid.host
        self.configured = urlsplit(service)
        self.trusted = {self.domain, *trusted}
        self.moved = None  # where a transfer has sent us
        self.moves = 0
        self.secure = False
        self.stopping = False
        self.failures = 0
        self.online = asyncio.Event()
        self.over = asyncio.Event()
        self.register_plugin("xep_0030")
        self.register_plugin("xep_0199")  # answers pings: the router asks whether a worker still lives
        if trusted:
            self["xep_0030"].add_feature("urn:xmpp:cxfr")
        self.register_handler(
            CoroutineCallback("transfer", MatchXPath(CLIENT + "iq/" + CXFR + "query"), self.transferred)
        )
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("disconnected", self.ended)
        self.add_event_handler("connection_failed", self.failed)
        self.add_event_handler("failed_auth", lambda _: sys.exit("%s: the server refuses the login" % jid))

    def open(self):
        host, port = self.moved or (self.configured.hostname, self.configured.port or 5222)
        # What was encrypted stays so; what was not may be so on loopback only.
        force = self.secure or self.tls or not (host and is_loopback(host))
        self.connect((host, port) if host else None, force_starttls=force)
        # slixmpp takes the host for the domain: the certificate is to be checked against the account's.
        self.default_domain = self.domain

    async def _pick_dns_answer(self, domain, port=None):
        # It would also connect to the address of the domain, though it was given another one.
        given = self.moved or self.configured.hostname
        return None if given else await super()._pick_dns_answer(domain, port)

    def started(self, _):
        self.failures = 0
        self.secure = self.socket is not None and hasattr(self.socket, "getpeercert")
        self.online.set()
        self.loop.call_later(60, self.rested, self.moves)

    def rested(self, moves):
        if moves == self.moves:
            self.moves = 0

    def failed(self, why):
        # slixmpp tries the same address for ever; a host that we were sent to gets one try.
        if self.moved:
            self.cancel_connection_attempt()
            self.ended(why)

    def ended(self, why):
        was_online = self.online.is_set()
        self.online.clear()
        if self.stopping:
            self.over.set()
            return
        if not was_online and self.moved:
            print("%s:%s does not let us in; back to the usual address" % self.moved, file=sys.stderr)
            self.moved = None
        wait = random.uniform(0, min(60, 2**self.failures))
        self.failures += 1
        print("not connected (%s); trying again" % (why or "the server closed the stream"), file=sys.stderr)
        self.loop.call_later(wait, self.open)

    async def transferred(self, iq):
        """XEP-0051: leave, finish, and connect to where the server, or the router, says."""
        query = iq.xml.find(CXFR + "query")
        target = read_host((query.findtext(CXFR + "server") or "").strip())
        domain = (query.findtext(CXFR + "domain") or self.domain).strip()
        if iq["type"] != "set":
            return
        if str(iq["from"]) not in self.trusted or domain != self.domain or self.moves >= MOST_IN_A_ROW:
            print("transfer by %s is not obeyed" % iq["from"], file=sys.stderr)
            raise XMPPError("not-allowed", etype="cancel", text="This session is not moved by your word now.")
        if target is None:
            raise XMPPError("bad-request", etype="modify", text="A server is NAME, NAME:PORT or an IP address.")
        iq.reply().send()
        self.moves += 1
        self.moved = None if target == (self.domain, 5222) else target
        print("%s moves us to %s" % (iq["from"], query.findtext(CXFR + "server")), flush=True)
        await self.leave()
        self.failures = 0
        await self.disconnect()

    async def leave(self):
        """To finish what is in hand before the session ends."""

    async def stop(self):
        self.stopping = True
        await self.leave()
        await self.disconnect()
        await asyncio.wait_for(self.over.wait(), 5)


class Worker(PoolClient):
    """Answers messages by `handle(body, message)`. Many at a time; with `busy` of them the priority is `low`.

    A message that comes again, since its receipt was lost or late, is handled again, unless it is one of the last
    `remember` that were done here. What must not happen twice is to be tied to the id of the message by the pool.
    """

    def __init__(self, jid, password, pool, handle, priority=5, busy=20, low=1, remember=1000, **more):
        super().__init__(jid, password, trusted=(slixmpp.JID(pool).host,), **more)
        self.pool, self.handle = pool, handle
        self.priority, self.busy, self.low, self.lowered = priority, busy, low, False
        self.in_hand = set()
        self.leaving = False
        self.remember, self.finished = remember, {}
        self.register_plugin("xep_0115")  # by its presence the pool knows what we can do
        # By itself the plugin would send receipts before the work; and it counts as one that knows receipts.
        self.register_plugin("xep_0184", {"auto_ack": False})
        self["xep_0030"].add_feature(DIX[1:-1])
        self.add_event_handler("presence_available", self.shown)
        self.add_event_handler("presence_error", self.refused)
        self.add_event_handler("message", self.got)
        self.register_handler(Callback("dix", MatchXPath(CLIENT + "message/" + DIX + "ping"), self.looked_for))

    async def started(self, event):
        super().started(event)
        self.leaving = False
        await self["xep_0115"].update_caps(broadcast=False)
        self.send_presence(ppriority=-1)  # what is for the account itself is not for its workers
        self.send_presence(pto=self.pool, ptype="subscribe")  # receipts are for those that one knows
        self.join()
        print("%s joins %s" % (self.boundjid, self.pool), flush=True)

    def join(self):
        """Presence directed to the pool makes this session a worker."""
        if not self.leaving:
            self.show()

    def show(self, **wish):
        presence = self.make_presence(pto=self.pool, ppriority=self.low if self.lowered else self.priority)
        host = self.moved or (self.configured.hostname, self.configured.port or 5222)
        if host[0]:
            wish["server"] = "%s:%d" % host
        ET.SubElement(presence.xml, WORKER + "x", wish)
        presence.send()

    def shown(self, presence):
        # The pool shows itself when it takes us in, and when the router is back: then it wants to be told again.
        if presence["from"].full == self.pool:
            self.join()

    def refused(self, presence):
        error = presence["error"]
        print("%s refuses: %s" % (presence["from"], error["condition"]), file=sys.stderr)
        if error["type"] == "wait" or error["condition"].startswith(("remote-server", "item-not-found")):
            self.loop.call_later(random.uniform(1, 10), self.join)  # only the router is away

    def looked_for(self, message):
        """Somebody looks for an instance: the pool shows our presence along with the answer."""
        if message["from"].bare == self.pool and message["type"] != "error":
            pong = self.make_message(mto=message["from"], mtype=message["type"])
            pong["id"] = message["id"]
            ET.SubElement(pong.xml, DIX + "pong")
            pong.send()

    def got(self, message):
        # Work comes from senders, seen through the pool; anything else is none.
        if message["from"].bare == self.pool and message["from"].resource and message["type"] != "error":
            task = asyncio.ensure_future(self.work(message))
            self.in_hand.add(task)
            task.add_done_callback(self.done)
            self.weigh()

    async def work(self, message):
        number = next((child.get("id") for child in message.xml.iter(SID + "stanza-id") if child.get("by") == self.pool), None)
        if number in self.finished:
            await self.acknowledge(message)
            return
        try:
            answer = await self.handle(message["body"], message)
        except Exception as error:
            print("%s: %s" % (message["id"], error), file=sys.stderr)
            refusal = message.reply(clear=True)
            refusal["type"] = "error"
            refusal["id"] = message["id"]
            refusal["error"]["type"] = "cancel"
            refusal["error"]["condition"] = "internal-server-error"
            await self.online.wait()
            refusal.send()
            return
        if answer is not None:
            await self.online.wait()
            # To the address that it came from: that is the sender, seen through the pool.
            reply = self.make_message(mto=message["from"], mtype=message["type"], mbody=answer)
            if message["thread"]:
                reply["thread"] = message["thread"]
            reply.send()
        if number is not None:
            self.finished[number] = True
            if len(self.finished) > self.remember:
                del self.finished[next(iter(self.finished))]
        await self.acknowledge(message)

    async def acknowledge(self, message):
        """The work is done: now, or in the next session, whoever asks for a receipt gets it (XEP-0184)."""
        if message.xml.find(RECEIPTS + "request") is None or not message["id"]:
            return
        await self.online.wait()
        receipt = self.make_message(mto=message["from"], mtype=message["type"])
        ET.SubElement(receipt.xml, RECEIPTS + "received", {"id": message["id"]})
        receipt.send()

    def done(self, task):
        self.in_hand.discard(task)
        self.weigh()

    def weigh(self):
        lowered = len(self.in_hand) >= self.busy or (self.lowered and len(self.in_hand) * 2 > self.busy)
        if lowered != self.lowered:
            self.lowered = lowered
            self.join()

    async def leave(self):
        # First take nothing new, so that the others get what comes; then finish. Whoever is gone with work that is not
        # acknowledged has lost it to another worker.
        self.leaving = True
        if not self.online.is_set():
            return
        self.show(drain="true")
        await self.finish()
        self.send_presence(pto=self.pool, ptype="unavailable")
        await self.finish()

    async def finish(self):
        # What the pool sent before is here once it answers a ping.
        try:
            await self["xep_0199"].send_ping(self.pool, timeout=5)
        except XMPPError:
            pass
        if self.in_hand:
            await asyncio.wait(set(self.in_hand), timeout=30)


def redirected(error, asked, domains, own):
    """The address and payload that a redirect asks for, or None if it breaks the rules of JEP-0051 (or ours)."""
    name = next((child.text or "" for child in error.iter(STANZAS + "redirect")), "").strip()
    inner = error.find(CLIENT + "error/" + CLIENT + "iq")
    to = unquote(name[5:]) if name.startswith("xmpp:") else None
    payload = None
    if inner is not None:
        # It is a get, keeps every attribute but `to` (the server may stamp `from`), and has one child.
        if inner.get("type") != "get" or inner.get("id") != error.get("id") or len(inner) != 1:
            return None
        if inner.get("from") not in (None, own) or (to and to != inner.get("to")):
            return None
        to, payload = inner.get("to"), inner[0]
    try:
        jid = slixmpp.JID(to or "")
    except slixmpp.jid.InvalidJID:
        return None
    strange = jid.host not in domains or jid.full in (own, slixmpp.JID(own).bare)
    return None if strange or to in asked or len(asked) > MOST_IN_A_ROW else (to, payload)


class Sender(PoolClient):
    def __init__(self, jid, password, **more):
        super().__init__(jid, password, **more)
        self.instances, self.pongs, self.questions = {}, {}, {}
        self.add_event_handler("message", self.answered)
        self.add_event_handler("message_error", self.answered)
        self.add_event_handler("presence_unavailable", self.gone)
        self.register_handler(Callback("dix", MatchXPath(CLIENT + "message/" + DIX + "pong"), self.found))

    async def get(self, to, payload, redirects_to=(), timeout=10):
        """A request of type get; the payload of the result. Raises IqError, also for a redirect that is not followed."""
        domains, asked = {slixmpp.JID(to).host, *redirects_to}, [to]
        number = str(uuid.uuid4())
        while True:
            iq = self.make_iq_get(ito=asked[-1])
            iq["id"] = number  # a redirected request keeps it
            iq.append(payload)
            try:
                # slixmpp takes the answer of this very address only.
                answer = await iq.send(timeout=timeout)
                return answer.xml[0] if len(answer.xml) else None
            except IqError as error:
                target = redirected(error.iq.xml, asked, domains, self.boundjid.full)
                if target is None:
                    raise
                asked.append(target[0])
                payload = payload if target[1] is None else target[1]

    async def instance(self, pool, timeout=5):
        """The instance of the pool that we are with, or the next one (DIX): found by a message, kept by presence."""
        while pool not in self.instances:
            await self.online.wait()
            ping = self.make_message(mto=pool, mtype="normal")
            ping["id"] = str(uuid.uuid4())
            ET.SubElement(ping.xml, DIX + "ping")
            found = self.pongs[ping["id"]] = self.loop.create_future()
            ping.send()
            try:
                self.instances[pool] = await asyncio.wait_for(found, timeout)
                self.send_presence(pto=self.instances[pool])
            except (asyncio.TimeoutError, XMPPError):
                await asyncio.sleep(random.uniform(0.1, 1))
            finally:
                del self.pongs[ping["id"]]
        return self.instances[pool]

    async def ask(self, pool, text, timeout=30):
        """Asks the instance, and the next one when it goes before it has answered: it may then be done twice."""
        while True:
            to = await self.instance(pool, timeout)
            question = self.make_message(mto=to, mtype="chat", mbody=text)
            question["id"] = question["thread"] = str(uuid.uuid4())
            future = self.loop.create_future()
            self.questions[question["id"]] = (to, future)
            question.send()
            try:
                answer = await asyncio.wait_for(future, timeout)
                if answer is not None:
                    return answer
            finally:
                del self.questions[question["id"]]

    def found(self, message):
        future = self.pongs.get(message["id"])
        if future and not future.done():
            future.set_result(message["from"].full)

    def gone(self, presence):
        for pool, instance in list(self.instances.items()):
            if presence["from"].full in (instance, pool):
                self.lost(pool)

    def lost(self, pool):
        instance = self.instances.pop(pool)
        for to, future in self.questions.values():
            if to == instance and not future.done():
                future.set_result(None)

    def ended(self, why):
        for pool in list(self.instances):
            self.lost(pool)  # the presence that tied us together went with the session
        super().ended(why)

    def answered(self, message):
        failed = message["type"] == "error"
        pong = self.pongs.get(message["id"]) if failed else None
        if pong and not pong.done():
            pong.set_exception(XMPPError(message["error"]["condition"]))
        to, future = self.questions.get(message["id"] if failed else message["thread"], (None, None))
        if future is None or future.done() or slixmpp.JID(to).bare != message["from"].bare:
            return
        if failed:
            future.set_exception(XMPPError(message["error"]["condition"], text=message["error"]["text"]))
        else:
            future.set_result((message["from"].full, message["body"]))


async def run(role, jid, target, words):
    login = {
        "password": os.environ["XMPP_PASSWORD"],
        "service": os.environ.get("XMPP_SERVICE", ""),
        "tls": os.environ.get("XMPP_TLS") == "required",
    }
    if role == "work":

        async def handle(body, message):
            return "%s did: %s" % (worker.boundjid.resource, body)

        worker = Worker(jid, pool=target, handle=handle, **login)
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, lambda: asyncio.ensure_future(worker.stop()))
        worker.open()
        await worker.over.wait()
        return 0
    sender = Sender(jid, **login)
    sender.open()
    await asyncio.wait_for(sender.online.wait(), 30)
    code = 0
    try:
        if role == "ask":
            for text in words:
                print("%s says: %s" % await sender.ask(target, text), flush=True)
        else:
            payload = ET.Element("{%s}%s" % (words[0], words[1]))
            answer = await sender.get(target, payload, os.environ.get("XMPP_REDIRECTS_TO", "").split())
            print("nothing" if answer is None else ET.tostring(answer, encoding="unicode"), flush=True)
    except (XMPPError, IqTimeout, asyncio.TimeoutError) as error:
        print("failed: %s" % (getattr(error, "condition", "") or "no answer"), file=sys.stderr)
        code = 1
    await sender.stop()
    return code


if __name__ == "__main__":
    least = {"work": 4, "ask": 5, "get": 6}.get(sys.argv[1] if len(sys.argv) > 1 else "", 99)
    if len(sys.argv) < least or "XMPP_PASSWORD" not in os.environ:
        sys.exit("Usage: XMPP_PASSWORD=... pool_client.py work|ask|get USER@SERVER/NAME POOL@SERVICE [WORDS...]")
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    sys.exit(loop.run_until_complete(run(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])))
