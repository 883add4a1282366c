"""The Pod Security Standard `restricted`, as Kubernetes' documentation has it: what it forbids in a pod."""

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
SECCOMP = {"RuntimeDefault", "Localhost"}
SYSCTLS = {"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.tcp_syncookies",
           "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout",
           "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"}


def pods(objects):
    """(name, spec) of every pod that the objects make."""
    for made in objects:
        if made.get("kind") == "Pod":
            yield "Pod/" + made["metadata"]["name"], made["spec"]
        elif made.get("kind") == "Deployment":
            yield "Deployment/" + made["metadata"]["name"], made["spec"]["template"]["spec"]


def of_pod(spec):
    context = spec.get("securityContext", {})
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(field):
            yield field
    yield from ("sysctl " + item["name"] for item in context.get("sysctls", []) if item["name"] not in SYSCTLS)
    for volume in spec.get("volumes", []):
        yield from ("volume %s: %s" % (volume["name"], kind) for kind in volume if kind != "name" and kind not in VOLUMES)
    if context.get("runAsUser") == 0:
        yield "runAsUser 0"


def of_container(container, pod):
    """What one container may not have; pod is the securityContext of its pod."""
    own = container.get("securityContext", {})
    capabilities = own.get("capabilities", {})
    if own.get("privileged"):
        yield "privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation"
    if "ALL" not in capabilities.get("drop", []):
        yield "capabilities are not dropped"
    yield from ("capability " + name for name in capabilities.get("add", []) if name != "NET_BIND_SERVICE")
    if own.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
        yield "runAsNonRoot is not set"
    if own.get("runAsUser") == 0:
        yield "runAsUser 0"
    if own.get("seccompProfile", pod.get("seccompProfile", {})).get("type") not in SECCOMP:
        yield "no seccomp profile"
    if own.get("procMount", "Default") != "Default":
        yield "procMount"
    yield from ("hostPort %d" % port["hostPort"] for port in container.get("ports", []) if port.get("hostPort"))


def violations(objects):
    """One line for each thing that `restricted` forbids."""
    for name, spec in pods(objects):
        yield from ("%s: %s" % (name, line) for line in of_pod(spec))
        for container in spec.get("initContainers", []) + spec["containers"]:
            yield from ("%s, %s: %s" % (name, container["name"], line) for line in of_container(container, spec.get("securityContext", {})))
