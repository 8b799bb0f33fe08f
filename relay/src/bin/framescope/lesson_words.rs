//! What is printed around a lesson, in its language.

use crate::language::Language;

/// Sentences in one language.
#[derive(Debug)]
pub(crate) struct LessonWords {
    pub(crate) measured: &'static str,
    pub(crate) simulated: &'static str,
    /// The run does not confirm any choice.
    pub(crate) no_outcome: &'static str,
    /// The run confirms a choice that the lesson does not explain. The choice follows.
    pub(crate) other_outcome: &'static str,
    /// What helps if there was no wire.
    pub(crate) without_wire: &'static str,
}

impl LessonWords {
    /// In this language.
    pub(crate) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
        }
    }
}

const ENGLISH: LessonWords = LessonWords {
    measured: "measured on real sockets of this machine; times in milliseconds",
    simulated: "simulated; times in milliseconds",
    no_outcome: "This run does not answer the question.",
    other_outcome: "This run gave another outcome than the lesson explains: ",
    without_wire: "There was no wire. With --simulated there is one.",
};

const CHINESE: LessonWords = LessonWords {
    measured: "在本机的真实套接字上测得；时间单位为毫秒",
    simulated: "模拟；时间单位为毫秒",
    no_outcome: "这次运行没有回答问题。",
    other_outcome: "这次运行得到的结果和这一课要讲的不同：",
    without_wire: "这次运行看不到报文段。加上 --simulated，就能在模拟的内核上看到。",
};
