//! The errors of Winsock, as Windows has them.
//!
//! The numbers, names and what they mean: "Windows Sockets Error Codes" of Microsoft's documentation. The messages are
//! those of `FormatMessage`, in English and without a full stop, as Python shows them.
#![allow(clippy::doc_markdown, reason = "the messages are Microsoft's")]

use super::Errno;
use super::linux::{
    EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, EALREADY, EBADF, ECONNABORTED,
    ECONNREFUSED, ECONNRESET, EDESTADDRREQ, EFAULT, EHOSTDOWN, EHOSTUNREACH, EINPROGRESS, EINTR,
    EINVAL, EISCONN, ELOOP, EMFILE, EMSGSIZE, ENAMETOOLONG, ENETDOWN, ENETRESET, ENETUNREACH,
    ENOBUFS, ENOPROTOOPT, ENOTCONN, ENOTSOCK, EOPNOTSUPP, EPFNOSUPPORT, EPROTONOSUPPORT,
    EPROTOTYPE, ESHUTDOWN, ESOCKTNOSUPPORT, ETIMEDOUT, ETOOMANYREFS,
};

macro_rules! errors {
    ($($name:ident = $number:literal, $linux:ident, $message:literal;)*) => {
        $(
            #[doc = $message]
            pub const $name: u32 = $number;
        )*

        /// All errors of Winsock, in the order of their numbers.
        pub const WINSOCK: &[Errno] = &[$(Errno {
            number: $name,
            name: stringify!($name),
            message: $message,
            linux: $linux,
        }),*];
    };
}

errors! {
    WSAEINTR = 10004, EINTR, "A blocking operation was interrupted by a call to WSACancelBlockingCall";
    WSAEBADF = 10009, EBADF, "The file handle supplied is not valid";
    WSAEACCES = 10013, EACCES, "An attempt was made to access a socket in a way forbidden by its access permissions";
    WSAEFAULT = 10014, EFAULT, "The system detected an invalid pointer address in attempting to use a pointer argument in a call";
    WSAEINVAL = 10022, EINVAL, "An invalid argument was supplied";
    WSAEMFILE = 10024, EMFILE, "Too many open sockets";
    WSAEWOULDBLOCK = 10035, EAGAIN, "A non-blocking socket operation could not be completed immediately";
    WSAEINPROGRESS = 10036, EINPROGRESS, "A blocking operation is currently executing";
    WSAEALREADY = 10037, EALREADY, "An operation was attempted on a non-blocking socket that already had an operation in progress";
    WSAENOTSOCK = 10038, ENOTSOCK, "An operation was attempted on something that is not a socket";
    WSAEDESTADDRREQ = 10039, EDESTADDRREQ, "A required address was omitted from an operation on a socket";
    WSAEMSGSIZE = 10040, EMSGSIZE, "A message sent on a datagram socket was larger than the internal message buffer or some other network limit, or the buffer used to receive a datagram into was smaller than the datagram itself";
    WSAEPROTOTYPE = 10041, EPROTOTYPE, "A protocol was specified in the socket function call that does not support the semantics of the socket type requested";
    WSAENOPROTOOPT = 10042, ENOPROTOOPT, "An unknown, invalid, or unsupported option or level was specified in a getsockopt or setsockopt call";
    WSAEPROTONOSUPPORT = 10043, EPROTONOSUPPORT, "The requested protocol has not been configured into the system, or no implementation for it exists";
    WSAESOCKTNOSUPPORT = 10044, ESOCKTNOSUPPORT, "The support for the specified socket type does not exist in this address family";
    WSAEOPNOTSUPP = 10045, EOPNOTSUPP, "The attempted operation is not supported for the type of object referenced";
    WSAEPFNOSUPPORT = 10046, EPFNOSUPPORT, "The protocol family has not been configured into the system or no implementation for it exists";
    WSAEAFNOSUPPORT = 10047, EAFNOSUPPORT, "An address incompatible with the requested protocol was used";
    WSAEADDRINUSE = 10048, EADDRINUSE, "Only one usage of each socket address (protocol/network address/port) is normally permitted";
    WSAEADDRNOTAVAIL = 10049, EADDRNOTAVAIL, "The requested address is not valid in its context";
    WSAENETDOWN = 10050, ENETDOWN, "A socket operation encountered a dead network";
    WSAENETUNREACH = 10051, ENETUNREACH, "A socket operation was attempted to an unreachable network";
    WSAENETRESET = 10052, ENETRESET, "The connection has been broken due to keep-alive activity detecting a failure while the operation was in progress";
    WSAECONNABORTED = 10053, ECONNABORTED, "An established connection was aborted by the software in your host machine";
    WSAECONNRESET = 10054, ECONNRESET, "An existing connection was forcibly closed by the remote host";
    WSAENOBUFS = 10055, ENOBUFS, "An operation on a socket could not be performed because the system lacked sufficient buffer space or because a queue was full";
    WSAEISCONN = 10056, EISCONN, "A connect request was made on an already connected socket";
    WSAENOTCONN = 10057, ENOTCONN, "A request to send or receive data was disallowed because the socket is not connected and (when sending on a datagram socket using a sendto call) no address was supplied";
    WSAESHUTDOWN = 10058, ESHUTDOWN, "A request to send or receive data was disallowed because the socket had already been shut down in that direction with a previous shutdown call";
    WSAETOOMANYREFS = 10059, ETOOMANYREFS, "Too many references to some kernel object";
    WSAETIMEDOUT = 10060, ETIMEDOUT, "A connection attempt failed because the connected party did not properly respond after a period of time, or established connection failed because connected host has failed to respond";
    WSAECONNREFUSED = 10061, ECONNREFUSED, "No connection could be made because the target machine actively refused it";
    WSAELOOP = 10062, ELOOP, "Cannot translate name";
    WSAENAMETOOLONG = 10063, ENAMETOOLONG, "Name component or name was too long";
    WSAEHOSTDOWN = 10064, EHOSTDOWN, "A socket operation failed because the destination host was down";
    WSAEHOSTUNREACH = 10065, EHOSTUNREACH, "A socket operation was attempted to an unreachable host";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_errors_are_in_the_order_of_their_numbers() {
        assert!(WINSOCK.windows(2).all(|pair| pair[0].number < pair[1].number));
    }

    #[test]
    fn no_message_has_a_full_stop_or_a_line_break() {
        let is_bare =
            |errno: &Errno| !errno.message.ends_with('.') && !errno.message.contains('\n');
        assert!(WINSOCK.iter().all(is_bare));
    }

    #[test]
    fn an_error_has_the_name_of_the_one_of_linux() {
        for errno in WINSOCK {
            let linux = super::super::find(errno.linux).expect("the table has it");
            let name = errno.name.strip_prefix("WSA").expect("all begin so");
            let name = if name == "EWOULDBLOCK" { "EAGAIN" } else { name };
            assert_eq!(linux.name, name);
        }
    }
}
