"""A certificate authority for one test, made by openssl(1)."""
import os
import ssl
import subprocess


def run(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL)


def make(folder, name, ca="ca", addresses=()):
    """Makes `ca`.pem and, signed by it, `name`.pem and `name`.key for the DNS name `name` and `addresses`, in `folder`."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    if not os.path.exists(os.path.join(folder, ca + ".pem")):
        run(folder, "req", "-x509", *key, "-keyout", ca + ".key", "-out", ca + ".pem", "-days", "2", "-subj", "/CN=" + ca)
    with open(os.path.join(folder, name + ".ext"), "w") as extensions:
        extensions.write("subjectAltName=" + ",".join(["DNS:" + name, *("IP:" + a for a in addresses)]) + "\n")
    run(folder, "req", *key, "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
    run(folder, "x509", "-req", "-in", name + ".csr", "-CA", ca + ".pem", "-CAkey", ca + ".key", "-CAcreateserial",
        "-out", name + ".pem", "-days", "2", "-extfile", name + ".ext")


def server_context(folder, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key"))
    return context
