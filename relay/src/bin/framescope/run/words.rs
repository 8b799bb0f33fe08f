//! What is said of a run in a terminal, in its language.

use crate::language::Language;

/// What is said of a run. Calls and their results are the same in each language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Words(pub(crate) Language);

impl Words {
    pub(super) fn waits(self, call: &str) -> String {
        match self.0 {
            Language::English => format!("{call} waits"),
            Language::Chinese => format!("{call} 等待"),
        }
    }

    pub(super) const fn input_ended(self) -> &'static str {
        match self.0 {
            Language::English => "the input has ended",
            Language::Chinese => "输入已结束",
        }
    }

    pub(super) fn starts_thread(self, thread: usize) -> String {
        match self.0 {
            Language::English => format!("starts thread {thread}"),
            Language::Chinese => format!("启动线程 {thread}"),
        }
    }

    pub(super) const fn waits_for_thread(self) -> &'static str {
        match self.0 {
            Language::English => "waits for a thread",
            Language::Chinese => "等待一个线程",
        }
    }

    pub(super) fn thread_ended(self, thread: usize) -> String {
        match self.0 {
            Language::English => format!("thread {thread} has ended"),
            Language::Chinese => format!("线程 {thread} 已结束"),
        }
    }

    /// Line 0 is not known.
    pub(super) fn waits_for_ever(self, name: &str, line: u32) -> String {
        match self.0 {
            Language::English if line == 0 => {
                format!("{name}: it waits, and nothing new happens: the run ends")
            }
            Language::Chinese if line == 0 => {
                format!("{name}：它在等待，不会再有新的事情发生，运行结束")
            }
            Language::English => {
                format!("{name}: it waits at line {line}, and nothing new happens: the run ends")
            }
            Language::Chinese => {
                format!("{name}：在第 {line} 行等待，不会再有新的事情发生，运行结束")
            }
        }
    }

    pub(super) fn not_started(self, name: &str) -> String {
        match self.0 {
            Language::English => format!("{name}: it was not started"),
            Language::Chinese => format!("{name}：没有启动"),
        }
    }

    /// `message` is in English. Line 0 is not known.
    pub(super) fn refused(self, name: &str, line: u32, message: &str) -> String {
        match self.0 {
            Language::English if line == 0 => format!("{name}: {message}"),
            Language::Chinese if line == 0 => format!("{name}：{message}"),
            Language::English => format!("{name}: line {line}: {message}"),
            Language::Chinese => format!("{name}：第 {line} 行：{message}"),
        }
    }

    pub(super) fn reads_a_line(self, name: &str) -> String {
        match self.0 {
            Language::English => format!("{name} reads a line: "),
            Language::Chinese => format!("{name} 要读一行："),
        }
    }
}
