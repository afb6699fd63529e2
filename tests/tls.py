"""A proxy that ends TLS before the house, as nginx or Caddy does; on the loopback, with a certificate made here."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ojas.kit import clock


@contextmanager
def proxy(port: int, backend: int, folder: Path) -> Iterator[ssl.SSLContext]:
    """Serve https://localhost:``port`` for the house on ``backend``. Answers what a client trusts."""
    certificate, key = _certificate(folder)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate, key)
    loop, ready = asyncio.new_event_loop(), threading.Event()

    async def run() -> None:
        server = await asyncio.start_server(lambda r, w: _pass(r, w, backend), "127.0.0.1", port, ssl=served)
        ready.set()
        async with server:
            await server.serve_forever()

    task = loop.create_task(run())

    def labour() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.close()

    thread = threading.Thread(target=labour, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield ssl.create_default_context(cafile=certificate)
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, backend: int) -> None:
    """One request a connection: where it came from is added, as proxies do, to what the client claims."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        head = (await reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
        peer = writer.get_extra_info("peername")[0].encode()
        claimed = [line for line in head if line.lower().startswith(b"x-forwarded-for:")]
        chain = b", ".join([*(line.split(b":", 1)[1].strip() for line in claimed), peer])
        kept = [line for line in head if not line.lower().startswith((b"x-forwarded", b"connection:"))]
        kept += [b"X-Forwarded-For: " + chain, b"X-Forwarded-Proto: https", b"Connection: close"]
        inner, outer = await asyncio.open_connection("127.0.0.1", backend)
        outer.write(b"\r\n".join(kept) + b"\r\n\r\n")
        sending = asyncio.create_task(_pipe(reader, outer))
        await _pipe(inner, writer)
        sending.cancel()
        outer.close()
    writer.close()


async def _pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths
