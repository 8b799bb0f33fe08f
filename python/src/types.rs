//! The built-in types and exceptions, and their names.

macro_rules! types {
    ($($variant:ident $name:literal $module:literal,)*) => {
        /// A built-in type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(clippy::enum_variant_names, reason = "Python's name for a class is type")]
        pub(crate) enum Type { $($variant,)* }

        impl Type {
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];

            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The module in the representation of the type. Empty for `builtins`.
            pub(crate) const fn module(self) -> &'static str {
                match self { $(Self::$variant => $module,)* }
            }
        }
    };
}

types! {
    Object "object" "",
    Type "type" "",
    None "NoneType" "",
    Ellipsis "ellipsis" "",
    Bool "bool" "",
    Int "int" "",
    Float "float" "",
    Str "str" "",
    Bytes "bytes" "",
    ByteArray "bytearray" "",
    Tuple "tuple" "",
    List "list" "",
    Dict "dict" "",
    Set "set" "",
    Range "range" "",
    Slice "slice" "",
    Function "function" "",
    Method "method" "",
    Native "builtin_function_or_method" "",
    Module "module" "",
    Generator "generator" "",
    Super "super" "",
    StaticMethod "staticmethod" "",
    Property "property" "",
    Cell "cell" "",
    DictKeys "dict_keys" "",
    DictValues "dict_values" "",
    DictItems "dict_items" "",
    Enumerate "enumerate" "",
    Zip "zip" "",
    Map "map" "",
    Filter "filter" "",
    Reversed "reversed" "",
    ListIterator "list_iterator" "",
    TupleIterator "tuple_iterator" "",
    ListReverseIterator "list_reverseiterator" "",
    StrIterator "str_iterator" "",
    StrAsciiIterator "str_ascii_iterator" "",
    DictValueIterator "dict_valueiterator" "",
    DictItemIterator "dict_itemiterator" "",
    BytesIterator "bytes_iterator" "",
    RangeIterator "range_iterator" "",
    DictIterator "dict_keyiterator" "",
    SetIterator "set_iterator" "",
    Socket "socket" "socket",
    Stream "TextIOWrapper" "_io",
    Lock "lock" "_thread",
    Traceback "traceback" "",
    StructTime "struct_time" "time",
    DateTime "datetime" "datetime",
    TimeDelta "timedelta" "datetime",
}

macro_rules! exceptions {
    ($($variant:ident $name:literal $module:literal $parent:ident,)*) => {
        /// A built-in exception.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Exc { $($variant,)* }

        impl Exc {
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];

            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The module in a traceback. Empty for `builtins`.
            pub(crate) const fn module(self) -> &'static str {
                match self { $(Self::$variant => $module,)* }
            }

            /// The class that it is based on. `BaseException` is its own.
            pub(crate) const fn parent(self) -> Self {
                match self { $(Self::$variant => Self::$parent,)* }
            }
        }
    };
}

// A parent stands before its children.
exceptions! {
    BaseException "BaseException" "" BaseException,
    SystemExit "SystemExit" "" BaseException,
    KeyboardInterrupt "KeyboardInterrupt" "" BaseException,
    GeneratorExit "GeneratorExit" "" BaseException,
    Exception "Exception" "" BaseException,
    StopIteration "StopIteration" "" Exception,
    ArithmeticError "ArithmeticError" "" Exception,
    FloatingPointError "FloatingPointError" "" ArithmeticError,
    OverflowError "OverflowError" "" ArithmeticError,
    ZeroDivisionError "ZeroDivisionError" "" ArithmeticError,
    AssertionError "AssertionError" "" Exception,
    AttributeError "AttributeError" "" Exception,
    BufferError "BufferError" "" Exception,
    EOFError "EOFError" "" Exception,
    ImportError "ImportError" "" Exception,
    ModuleNotFoundError "ModuleNotFoundError" "" ImportError,
    LookupError "LookupError" "" Exception,
    IndexError "IndexError" "" LookupError,
    KeyError "KeyError" "" LookupError,
    MemoryError "MemoryError" "" Exception,
    NameError "NameError" "" Exception,
    UnboundLocalError "UnboundLocalError" "" NameError,
    OsError "OSError" "" Exception,
    BlockingIoError "BlockingIOError" "" OsError,
    ChildProcessError "ChildProcessError" "" OsError,
    ConnectionError "ConnectionError" "" OsError,
    BrokenPipeError "BrokenPipeError" "" ConnectionError,
    ConnectionAbortedError "ConnectionAbortedError" "" ConnectionError,
    ConnectionRefusedError "ConnectionRefusedError" "" ConnectionError,
    ConnectionResetError "ConnectionResetError" "" ConnectionError,
    FileExistsError "FileExistsError" "" OsError,
    FileNotFoundError "FileNotFoundError" "" OsError,
    InterruptedError "InterruptedError" "" OsError,
    IsADirectoryError "IsADirectoryError" "" OsError,
    NotADirectoryError "NotADirectoryError" "" OsError,
    PermissionError "PermissionError" "" OsError,
    ProcessLookupError "ProcessLookupError" "" OsError,
    TimeoutError "TimeoutError" "" OsError,
    UnsupportedOperation "UnsupportedOperation" "io" OsError,
    GaiError "gaierror" "socket" OsError,
    HError "herror" "socket" OsError,
    ReferenceError "ReferenceError" "" Exception,
    RuntimeError "RuntimeError" "" Exception,
    NotImplementedError "NotImplementedError" "" RuntimeError,
    RecursionError "RecursionError" "" RuntimeError,
    SyntaxError "SyntaxError" "" Exception,
    IndentationError "IndentationError" "" SyntaxError,
    TabError "TabError" "" IndentationError,
    SystemError "SystemError" "" Exception,
    TypeError "TypeError" "" Exception,
    ValueError "ValueError" "" Exception,
    UnicodeError "UnicodeError" "" ValueError,
    UnicodeDecodeError "UnicodeDecodeError" "" UnicodeError,
    UnicodeEncodeError "UnicodeEncodeError" "" UnicodeError,
    JsonDecodeError "JSONDecodeError" "json.decoder" ValueError,
    StructError "error" "struct" Exception,
    Warning "Warning" "" Exception,
    UserWarning "UserWarning" "" Warning,
    DeprecationWarning "DeprecationWarning" "" Warning,
}

impl Exc {
    pub(crate) fn is_a(self, ancestor: Self) -> bool {
        self == ancestor || (self.parent() != self && self.parent().is_a(ancestor))
    }

    /// The class of the `OSError` with this errno of Linux.
    pub(crate) const fn of_errno(errno: u32) -> Self {
        match errno {
            1 | 13 => Self::PermissionError,
            2 => Self::FileNotFoundError,
            3 => Self::ProcessLookupError,
            4 => Self::InterruptedError,
            10 => Self::ChildProcessError,
            11 | 114 | 115 => Self::BlockingIoError,
            17 => Self::FileExistsError,
            20 => Self::NotADirectoryError,
            21 => Self::IsADirectoryError,
            32 | 108 => Self::BrokenPipeError,
            103 => Self::ConnectionAbortedError,
            104 => Self::ConnectionResetError,
            110 => Self::TimeoutError,
            111 => Self::ConnectionRefusedError,
            _ => Self::OsError,
        }
    }
}
