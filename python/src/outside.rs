//! What is said of names outside of the subset: each with the nearest thing inside of it.
//!
//! What comes in: a name. What goes out: a sentence.
//!
//! May use: nothing.

/// A module.
pub(crate) fn module(name: &str) -> String {
    let instead = match name {
        "argparse" | "getopt" | "optparse" => "'sys.argv'",
        "asyncio" | "concurrent" | "concurrent.futures" | "multiprocessing" => "'threading'",
        "base64" | "binascii" => "'hex' of bytes, and 'bytes.fromhex'",
        "codecs" => "'encode' and 'decode'",
        "collections" => "a list or a dict",
        "contextlib" => "'try' with 'finally'",
        "copy" => "'list(...)' or 'dict(...)'",
        "csv" | "re" | "string" => "the methods of strings",
        "dataclasses" => "a class with '__init__'",
        "enum" => "variables",
        "functools" | "itertools" => "a loop",
        "getpass" => "'input'",
        "glob" | "os.path" | "pathlib" | "shutil" | "tempfile" => "bytes in a variable",
        "hashlib" | "zlib" => "the bytes themselves",
        "http" | "http.client" | "http.server" | "requests" | "urllib" | "urllib.request" => {
            "a socket, and the text of the request"
        }
        "io" => "'bytearray', or 'makefile' of a socket",
        "ipaddress" => "text",
        "logging" | "pprint" | "warnings" => "'print'",
        "math" | "decimal" | "fractions" => "the operators of numbers",
        "operator" => "'lambda'",
        "pickle" => "'json'",
        "platform" => "'sys.platform'",
        "queue" => "a list and a 'threading.Lock'",
        "selectors" => "'select'",
        "signal" => "'except KeyboardInterrupt'",
        "socketserver" => "a loop of 'accept', with a thread for each client",
        "subprocess" => "a dict of functions",
        "timeit" => "'time.perf_counter'",
        "traceback" => "'print(repr(error))'",
        "typing" => "'list' and 'dict', or no type",
        "uuid" | "secrets" => "'random'",
        _ => "",
    };
    sentence(&format!("the module '{name}'"), instead)
}

/// A name that Python has without an import.
pub(crate) fn builtin(name: &str) -> String {
    let instead = match name {
        "__import__" => "'import'",
        "ascii" => "'repr'",
        "breakpoint" => "the steps of the lab",
        "classmethod" => "'staticmethod', or a function",
        "complex" => "two floats",
        "delattr" => "'del'",
        "dir" | "globals" | "locals" | "vars" => "the variables that the lab shows",
        "eval" | "exec" | "compile" => "the code itself",
        "frozenset" => "a tuple, or a set",
        "hash" => "a dict",
        "memoryview" => "a slice",
        "open" => "bytes in a variable",
        "setattr" => "'a.x = ...', or a dict",
        _ => "",
    };
    sentence(&format!("the built-in '{name}'"), instead)
}

/// A name of a module, as `module.name`.
pub(crate) fn of_module(module: &str, name: &str) -> String {
    sentence(&format!("'{module}.{name}'"), instead_of(module, name))
}

/// A name that is imported from a module.
pub(crate) fn imported(module: &str, name: &str) -> String {
    sentence(&format!("'{name}' of the module '{module}'"), instead_of(module, name))
}

fn instead_of(module: &str, name: &str) -> &'static str {
    match (module, name) {
        ("datetime", "date" | "time") => "'datetime'",
        ("os", "listdir" | "path" | "remove" | "stat") => "bytes in a variable",
        ("os", "popen" | "system") => "a dict of functions",
        ("os", "_exit") => "'sys.exit'",
        ("random", "gauss" | "normalvariate" | "triangular") => "'random.uniform'",
        ("select", "poll" | "epoll") => "'select.select'",
        ("socket", "getaddrinfo") => "'gethostbyname'",
        ("socket", "socketpair") => "'create_server' and 'create_connection'",
        ("sys", "stdin") => "'input'",
        ("threading", "Barrier" | "BoundedSemaphore" | "Condition" | "Semaphore") => {
            "'threading.Event' or 'threading.Lock'"
        }
        ("threading", "Timer") => "'threading.Thread' and 'time.sleep'",
        ("threading", "local") => "a dict",
        _ => "",
    }
}

/// An attribute of a value of this type.
pub(crate) fn attribute(of: &str, name: &str) -> String {
    let instead = match (of, name) {
        ("generator", "send") => "a function with an argument",
        ("set", "issubset") => "'<='",
        ("set", "issuperset") => "'>='",
        ("set", "pop") => "a list",
        ("socket", "sendto" | "sendmsg") => "'send'",
        ("socket", "recvfrom" | "recvmsg") => "'recv'",
        ("socket", "sendfile") => "'sendall'",
        ("socket", "dup" | "ioctl" | "share") => "the socket itself",
        ("str", "maketrans" | "translate") => "'replace'",
        (_, "__len__") => "'len(...)'",
        (_, "__str__") => "'str(...)'",
        (_, "__repr__") => "'repr(...)'",
        (_, "__iter__") => "'iter(...)'",
        (_, "__next__") => "'next(...)'",
        _ => "",
    };
    sentence(&format!("'{name}' of '{of}'"), instead)
}

fn sentence(what: &str, instead: &str) -> String {
    let is_outside = "is outside of the subset";
    if instead.is_empty() {
        format!("{what} {is_outside}")
    } else {
        format!("{what} {is_outside}; use {instead}")
    }
}
