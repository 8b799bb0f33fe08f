//! The errors of system calls: their numbers, names and messages.
//!
//! An error has the number and the message of the system that made it: of Linux and its C library, or of Windows.
//! Winsock's numbers are above 10,000, so a number says which system it is.
//!
//! May use: nothing.

mod linux;
mod windows;

pub use linux::*;
pub use windows::*;

/// An error of a system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno {
    /// Its number.
    pub number: u32,
    /// Its name, such as `ECONNREFUSED` or `WSAECONNREFUSED`.
    pub name: &'static str,
    /// Its message, as `strerror(3)` gives it, or `FormatMessage` on Windows. It has no full stop.
    pub message: &'static str,
    /// The number of the error of Linux that means the same.
    pub linux: u32,
}

/// The error with this number.
#[must_use]
pub fn find(number: u32) -> Option<&'static Errno> {
    let table = if number < WSAEINTR { ALL } else { WINSOCK };
    table
        .binary_search_by_key(&number, |errno| errno.number)
        .ok()
        .and_then(|index| table.get(index))
}

/// The message of an error, as `strerror(3)` gives it, or `FormatMessage` on Windows.
#[must_use]
pub fn message(number: u32) -> String {
    if number == 0 {
        return "Success".to_owned();
    }
    find(number).map_or_else(|| format!("Unknown error {number}"), |errno| errno.message.to_owned())
}

/// The number of the error of Linux that means the same. A number that is not known stays.
#[must_use]
pub fn as_linux(number: u32) -> u32 {
    find(number).map_or(number, |errno| errno.linux)
}

/// The number of Winsock's error for this one of Linux. One that Winsock does not have stays.
#[must_use]
pub fn as_winsock(linux: u32) -> u32 {
    WINSOCK.iter().find(|errno| errno.linux == linux).map_or(linux, |errno| errno.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_found_by_its_number() {
        let mut all = ALL.iter().chain(WINSOCK);
        assert!(all.all(|errno| find(errno.number) == Some(errno)));
        assert_eq!((find(41), find(9999), find(10_999)), (None, None, None));
    }

    #[test]
    fn a_message_is_the_message_of_the_system() {
        assert_eq!(message(EADDRINUSE), "Address already in use");
        assert_eq!(
            message(WSAECONNREFUSED),
            "No connection could be made because the target machine actively refused it"
        );
        assert_eq!(message(0), "Success");
        assert_eq!(message(41), "Unknown error 41");
    }

    #[test]
    fn an_error_of_winsock_means_what_one_of_linux_means() {
        assert_eq!(as_linux(WSAEWOULDBLOCK), EAGAIN);
        assert_eq!(as_winsock(EAGAIN), WSAEWOULDBLOCK);
        assert_eq!((as_linux(EPIPE), as_winsock(EPIPE)), (EPIPE, EPIPE));
        assert!(WINSOCK.iter().all(|errno| as_winsock(errno.linux) == errno.number));
    }
}
