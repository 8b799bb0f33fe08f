//! The `OSError` of a system call that failed, as Python has it on Linux and on Windows.

use framescope_syscall::errno;

use crate::native::Raised;
use crate::types::Exc;
use crate::value::{Fail, Value};

/// The `OSError` of a number that a kernel has given.
pub(crate) fn os_error(number: u32) -> Fail {
    os_error_with(number, Value::str(errno::message(number)), number >= errno::WSAEINTR)
}

/// The same with this message. On Windows, Python gives it the number twice: see `OSError.winerror`.
pub(crate) fn os_error_with(number: u32, message: Value, is_windows: bool) -> Fail {
    let mut args = vec![Value::Int(posix(number).into()), message];
    if is_windows {
        args.extend([Value::None, Value::Int(number.into()), Value::None]);
    }
    Box::new(Raised::With(Exc::of_errno(errno::as_linux(number)), args))
}

/// The errno that Python gives to an error of Winsock: see `winerror_to_errno` in CPython's `PC/errmap.h`.
const fn posix(number: u32) -> u32 {
    match number {
        errno::WSAEINTR
        | errno::WSAEBADF
        | errno::WSAEACCES
        | errno::WSAEFAULT
        | errno::WSAEINVAL
        | errno::WSAEMFILE => number - 10_000,
        _ => number,
    }
}

/// `OSError.winerror`, which only an error of Winsock has here.
pub(crate) fn winerror(class: Exc, args: &[Value]) -> Option<i64> {
    match args {
        [_, _, _, Value::Int(number), _] if class.is_a(Exc::OsError) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::wildcard_enum_match_arm, reason = "what a test does not expect fails it")]
mod tests {
    use super::*;

    /// The class and the arguments of an error, with `None` as 0.
    fn of(number: u32) -> (Exc, Vec<i64>) {
        let Raised::With(class, args) = *os_error(number) else { panic!("it is raised so") };
        assert_eq!(winerror(class, &args), (number > 10_000).then_some(number.into()));
        let numbers = args.iter().filter_map(|value| match value {
            Value::Int(number) => Some(*number),
            Value::None => Some(0),
            _ => None,
        });
        (class, numbers.collect())
    }

    #[test]
    fn an_error_of_linux_has_its_errno() {
        assert_eq!(of(errno::ECONNREFUSED), (Exc::ConnectionRefusedError, vec![111]));
    }

    #[test]
    fn an_error_of_winsock_has_the_class_and_the_arguments_of_python_on_windows() {
        for (number, class, errno) in [
            (errno::WSAEINTR, Exc::InterruptedError, 4),
            (errno::WSAEACCES, Exc::PermissionError, 13),
            (errno::WSAEINVAL, Exc::OsError, 22),
            (errno::WSAEWOULDBLOCK, Exc::BlockingIoError, 10_035),
            (errno::WSAENOTSOCK, Exc::OsError, 10_038),
            (errno::WSAEADDRINUSE, Exc::OsError, 10_048),
            (errno::WSAECONNABORTED, Exc::ConnectionAbortedError, 10_053),
            (errno::WSAECONNRESET, Exc::ConnectionResetError, 10_054),
            (errno::WSAESHUTDOWN, Exc::BrokenPipeError, 10_058),
            (errno::WSAETIMEDOUT, Exc::TimeoutError, 10_060),
            (errno::WSAECONNREFUSED, Exc::ConnectionRefusedError, 10_061),
        ] {
            assert_eq!(of(number), (class, vec![errno, 0, number.into(), 0]));
        }
    }
}
