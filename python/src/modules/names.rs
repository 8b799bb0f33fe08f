//! The modules that a program can import, and what each has.

use super::errno;

/// A module, and its names. Those after `all` are not bound by `from module import *`.
struct Names {
    module: &'static str,
    /// Whether only the library's own modules can import it.
    is_internal: bool,
    #[expect(clippy::struct_field_names, reason = "the names of a module")]
    names: &'static [&'static str],
}

const MODULES: &[Names] = &[
    Names { module: "socket", is_internal: false, names: SOCKET },
    Names {
        module: "struct",
        is_internal: false,
        names: &["calcsize", "pack", "pack_into", "unpack", "unpack_from", "error"],
    },
    Names {
        module: "time",
        is_internal: false,
        names: &[
            "asctime",
            "ctime",
            "gmtime",
            "localtime",
            "monotonic",
            "monotonic_ns",
            "perf_counter",
            "perf_counter_ns",
            "sleep",
            "strftime",
            "struct_time",
            "time",
            "time_ns",
        ],
    },
    Names {
        module: "threading",
        is_internal: false,
        names: &[
            "Event",
            "Lock",
            "RLock",
            "Thread",
            "activeCount",
            "active_count",
            "currentThread",
            "current_thread",
            "enumerate",
            "get_ident",
            "main_thread",
        ],
    },
    Names {
        module: "_thread",
        is_internal: true,
        names: &["allocate_lock", "start", "wait_for", "current"],
    },
    Names { module: "select", is_internal: false, names: &["select", "error"] },
    Names { module: "json", is_internal: false, names: &["dumps", "loads", "JSONDecodeError"] },
    Names {
        module: "sys",
        is_internal: false,
        names: &["argv", "byteorder", "exit", "maxsize", "platform", "stderr", "stdout"],
    },
    Names { module: "errno", is_internal: false, names: &["errorcode"] },
    Names { module: "os", is_internal: false, names: &["getpid", "linesep", "name", "sep"] },
    Names {
        module: "random",
        is_internal: false,
        names: &[
            "choice",
            "choices",
            "getrandbits",
            "randint",
            "random",
            "randrange",
            "sample",
            "seed",
            "shuffle",
            "uniform",
        ],
    },
    Names { module: "datetime", is_internal: false, names: &["datetime", "timedelta"] },
];

const SOCKET: &[&str] = &[
    "AF_INET",
    "AF_INET6",
    "AF_UNIX",
    "AF_UNSPEC",
    "AI_PASSIVE",
    "INADDR_ANY",
    "IPPROTO_IP",
    "IPPROTO_TCP",
    "IPPROTO_UDP",
    "MSG_DONTWAIT",
    "MSG_PEEK",
    "MSG_WAITALL",
    "SHUT_RD",
    "SHUT_RDWR",
    "SHUT_WR",
    "SOCK_DGRAM",
    "SOCK_RAW",
    "SOCK_STREAM",
    "SOL_SOCKET",
    "SOL_TCP",
    "SOMAXCONN",
    "SO_ACCEPTCONN",
    "SO_BROADCAST",
    "SO_ERROR",
    "SO_KEEPALIVE",
    "SO_LINGER",
    "SO_RCVBUF",
    "SO_REUSEADDR",
    "SO_REUSEPORT",
    "SO_SNDBUF",
    "SO_TYPE",
    "TCP_NODELAY",
    "create_connection",
    "create_server",
    "error",
    "gaierror",
    "getfqdn",
    "gethostbyname",
    "gethostname",
    "herror",
    "htonl",
    "htons",
    "inet_aton",
    "inet_ntoa",
    "ntohl",
    "ntohs",
    "socket",
    "timeout",
    "SocketType",
];

impl Names {
    fn all(&self) -> impl Iterator<Item = &'static str> {
        let of_errors = (self.module == "errno").then(errno::names);
        self.names.iter().copied().chain(of_errors.into_iter().flatten())
    }
}

fn find(module: &str) -> Option<&'static Names> {
    MODULES.iter().find(|names| names.module == module)
}

/// Whether a program, or a module of the library, can import this module.
pub(crate) fn has_module(module: &str, in_library: bool) -> bool {
    find(module).is_some_and(|names| in_library || !names.is_internal)
}

/// Whether the module has the name. `None` if there is no such module.
pub(crate) fn has_name(module: &str, name: &str) -> Option<bool> {
    find(module).map(|names| names.all().any(|known| known == name))
}

/// The names that `from module import *` binds.
pub(crate) fn exported_names(module: &str) -> Option<Vec<&'static str>> {
    find(module).map(|names| names.all().filter(|name| !name.starts_with('_')).collect())
}
