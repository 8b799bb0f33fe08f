//! What is said of a run in a terminal, in its language.

/// The language of what is said of a run. Calls and their results are the same in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    English,
    Chinese,
}

impl Words {
    /// Simplified Chinese if `language` begins with `zh`, otherwise English.
    pub(crate) fn of(language: &str) -> Self {
        let is_chinese = language.to_ascii_lowercase().starts_with("zh");
        if is_chinese { Self::Chinese } else { Self::English }
    }

    pub(super) fn waits(self, call: &str) -> String {
        match self {
            Self::English => format!("{call} waits"),
            Self::Chinese => format!("{call} 等待"),
        }
    }

    pub(super) const fn input_ended(self) -> &'static str {
        match self {
            Self::English => "the input has ended",
            Self::Chinese => "输入已结束",
        }
    }

    pub(super) fn starts_thread(self, thread: usize) -> String {
        match self {
            Self::English => format!("starts thread {thread}"),
            Self::Chinese => format!("启动线程 {thread}"),
        }
    }

    pub(super) const fn waits_for_thread(self) -> &'static str {
        match self {
            Self::English => "waits for a thread",
            Self::Chinese => "等待一个线程",
        }
    }

    pub(super) fn thread_ended(self, thread: usize) -> String {
        match self {
            Self::English => format!("thread {thread} has ended"),
            Self::Chinese => format!("线程 {thread} 已结束"),
        }
    }

    pub(super) fn waits_for_ever(self, name: &str, line: u32) -> String {
        match self {
            Self::English => {
                format!("{name}: it waits at line {line}, and nothing new happens: the run ends")
            }
            Self::Chinese => format!("{name}：在第 {line} 行等待，不会再有新的事情发生，运行结束"),
        }
    }

    pub(super) fn not_started(self, name: &str) -> String {
        match self {
            Self::English => format!("{name}: it was not started"),
            Self::Chinese => format!("{name}：没有启动"),
        }
    }

    /// `message` is the interpreter's, in English.
    pub(super) fn refused(self, name: &str, line: u32, message: &str) -> String {
        match self {
            Self::English => format!("{name}: line {line}: {message}"),
            Self::Chinese => format!("{name}：第 {line} 行：{message}"),
        }
    }

    pub(super) fn reads_a_line(self, name: &str) -> String {
        match self {
            Self::English => format!("{name} reads a line: "),
            Self::Chinese => format!("{name} 要读一行："),
        }
    }
}
