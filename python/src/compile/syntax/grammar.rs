//! The grammar of Python 3.11, with the rules that recognize a mistake.
//!
//! The order of the alternatives, and how far each one looks ahead, decide which token CPython names in an
//! `invalid syntax`; so they are those of CPython's `Grammar/python.gram`. Rules whose names begin with
//! `bad_` are tried only when the text is known to be wrong.
//!
//! Notation: `'x'` is a token and `"x"` a name with this text. `x % ','` is one or more `x` with commas
//! between. `~` commits to an alternative, and `!!` demands a token. In a rule with `<`, the first
//! alternative comes once, and then any number of the others. What ends an alternative: `#Shape` is the
//! shape of its node, `$2` says that its value is that of its second item, and `=>` raises an error: at the
//! last token that was read (`last`), at an item (`at 1`), from one to another (`span 1 2`), or from one to
//! the last token (`open 1`). `{1}` in a message is the name of the item's shape.

pub(super) const GRAMMAR: &str = r#"
file: statements? END
fstring: star_expressions

statements: statement+
statement: compound | simples
simples: simple !';' NEWLINE | simple % ';' ';'? NEWLINE
simple: assignment | star_expressions | &'return' return | &('import' | 'from') import | &'raise' raise
  | 'pass' | &'del' del | &'yield' yield | &'assert' assert | 'break' | 'continue' | &'global' global
  | &'nonlocal' nonlocal
compound: &('def' | '@' | 'async') function | &'if' if | &('class' | '@') class | &('with' | 'async') with
  | &('for' | 'async') for | &'try' try | &'while' while | match

assignment: NAME ':' expression ['=' annotated_value]
  | ('(' single_target ')' | place) ':' expression ['=' annotated_value]
  | (star_targets '=')+ (yield | star_expressions) !'='
  | single_target augmented ~ (yield | star_expressions)
  | bad_assignment
annotated_value: yield | star_expressions
augmented: '+=' | '-=' | '*=' | '@=' | '/=' | '%=' | '&=' | '|=' | '^=' | '<<=' | '>>=' | '**=' | '//='
return: 'return' star_expressions?
raise: 'raise' expression ['from' expression] | 'raise'
global: 'global' NAME % ','
nonlocal: 'nonlocal' NAME % ','
del: 'del' del_targets &(';' | NEWLINE) | bad_del
assert: 'assert' expression [',' expression]
import: import_name | import_from
import_name: 'import' imported_module % ','
import_from: 'from' ('.' | '...')* dotted 'import' imported | 'from' ('.' | '...')+ 'import' imported
imported: '(' imported_names ','? ')' | imported_names !',' | '*' | bad_imported
imported_names: imported_name % ','
imported_name: NAME ['as' NAME]
imported_module: dotted ['as' NAME]
dotted < NAME | '.' NAME

block: NEWLINE INDENT statements DEDENT | simples | bad_block
decorators: ('@' named NEWLINE)+
class: decorators class_body | class_body
class_body: bad_class | 'class' NAME ['(' arguments? ')'] ':' block
function: decorators function_body | function_body
function_body: bad_function | 'def' NAME !!'(' params? ')' ['->' expression] !!':' block
  | 'async' 'def' NAME !!'(' params? ')' ['->' expression] !!':' block

params: bad_params | parameters
parameters: slash_plain param_plain* param_default* star_rest? | slash_default param_default* star_rest?
  | param_plain+ param_default* star_rest? | param_default+ star_rest? | star_rest
slash_plain: param_plain+ '/' ',' | param_plain+ '/' &')'
slash_default: param_plain* param_default+ '/' ',' | param_plain* param_default+ '/' &')'
star_rest: bad_star_rest | '*' param_plain param_maybe* keywords? | '*' param_starred param_maybe* keywords?
  | '*' ',' param_maybe+ keywords? | keywords
keywords: bad_keywords | '**' param_plain
param_plain: param ',' $1 | param &')' $1
param_starred: param_star ',' | param_star &')'
param_default: param default ',' | param default &')'
param_maybe: param default? ',' | param default? &')'
param: NAME annotation?
param_star: NAME ':' star_expression
annotation: ':' expression
default: '=' expression | bad_default

if: bad_if | 'if' named ':' block elif | 'if' named ':' block else?
elif: bad_elif | 'elif' named ':' block elif | 'elif' named ':' block else?
else: bad_else | 'else' !!':' block
while: bad_while | 'while' named ':' block else?
for: bad_for | 'for' star_targets 'in' ~ star_expressions ':' block else?
  | 'async' 'for' star_targets 'in' ~ star_expressions ':' block else? | bad_for_target
with: bad_with_indent | 'with' '(' with_item % ',' ','? ')' ':' block | 'with' with_item % ',' ':' block
  | 'async' 'with' '(' with_item % ',' ','? ')' ':' block | 'async' 'with' with_item % ',' ':' block | bad_with
with_item: expression 'as' star_target &(',' | ')' | ':') | bad_with_item | expression
try: bad_try | 'try' !!':' block finally | 'try' !!':' block except+ else? finally?
  | 'try' !!':' block except_star+ else? finally?
except: bad_except_indent | 'except' expression ['as' NAME] ':' block | 'except' ':' block | bad_except
except_star: bad_except_star_indent | 'except' '*' expression ['as' NAME] ':' block | bad_except
finally: bad_finally | 'finally' !!':' block

match: "match" subject ':' NEWLINE INDENT case+ DEDENT | bad_match
subject: star_named ',' star_nameds? | named
case: bad_case | "case" patterns guard? ':' block
guard: 'if' named
patterns: open_sequence | pattern
pattern: as_pattern | or_pattern
as_pattern: or_pattern 'as' captured | bad_as_pattern
or_pattern: closed_pattern % '|'
closed_pattern: literal_pattern | captured | "_" | attribute_name !('.' | '(' | '=') | '(' pattern ')'
  | sequence_pattern | mapping_pattern | class_pattern
literal_pattern: signed !('+' | '-') | complex | strings | 'None' | 'True' | 'False'
complex: signed '+' NUMBER | signed '-' NUMBER
signed: NUMBER | '-' NUMBER
captured: !"_" NAME !('.' | '(' | '=')
attribute_name: NAME ('.' NAME)+
name_or_attribute: NAME ('.' NAME)*
sequence_pattern: '[' pattern_items? ']' | '(' open_sequence? ')'
open_sequence: pattern_item ',' pattern_items?
pattern_items: pattern_item % ',' ','?
pattern_item: star_pattern | pattern
star_pattern: '*' captured | '*' "_"
mapping_pattern: '{' '}' | '{' rest_pattern ','? '}' | '{' key_pattern % ',' ',' rest_pattern ','? '}'
  | '{' key_pattern % ',' ','? '}'
key_pattern: (literal_pattern | attribute_name) ':' pattern
rest_pattern: '**' captured
class_pattern: name_or_attribute '(' ')' | name_or_attribute '(' positional_patterns ','? ')'
  | name_or_attribute '(' keyword_patterns ','? ')'
  | name_or_attribute '(' positional_patterns ',' keyword_patterns ','? ')' | bad_class_pattern
positional_patterns: pattern % ','
keyword_patterns: keyword_pattern % ','
keyword_pattern: NAME '=' pattern

expressions: expression (',' expression $2)+ ','? #Tuple | expression ',' #Tuple | expression
expression: bad_expression | bad_legacy | disjunction 'if' disjunction 'else' expression #Conditional
  | disjunction | lambda
yield: 'yield' 'from' expression #Yield | 'yield' star_expressions? #Yield
star_expressions: star_expression (',' star_expression $2)+ ','? #Tuple | star_expression ',' #Tuple
  | star_expression
star_expression: '*' bitwise_or #Starred | expression
star_nameds: star_named % ',' ','? $1
star_named: '*' bitwise_or #Starred | named
walrus: NAME ':=' ~ expression #Named
named: walrus | bad_named | expression !':=' $1
disjunction: conjunction ('or' conjunction)+ #Operation | conjunction
conjunction: inversion ('and' inversion)+ #Operation | inversion
inversion: 'not' inversion #Operation | comparison
comparison: bitwise_or compared+ #Compare | bitwise_or
compared: '==' bitwise_or | '!=' bitwise_or | '<=' bitwise_or | '<' bitwise_or | '>=' bitwise_or | '>' bitwise_or
  | 'not' 'in' bitwise_or | 'in' bitwise_or #In | 'is' 'not' bitwise_or | 'is' bitwise_or
bitwise_or < bitwise_xor | '|' bitwise_xor #Operation
bitwise_xor < bitwise_and | '^' bitwise_and #Operation
bitwise_and < shift | '&' shift #Operation
shift < sum | '<<' sum #Operation | '>>' sum #Operation
sum < term | '+' term #Operation | '-' term #Operation
term < factor | '*' factor #Operation | '/' factor #Operation | '//' factor #Operation | '%' factor #Operation
  | '@' factor #Operation
factor: '+' factor #Operation | '-' factor #Operation | '~' factor #Operation | power
power: awaited '**' factor #Operation | awaited
awaited: 'await' primary #Await | primary
primary < atom | '.' NAME #Attribute | generator #Call | '(' arguments? ')' #Call | '[' slices ']' #Subscript
slices: slice !',' $1 | (slice | starred) % ',' ','? #Tuple
slice: expression? ':' expression? [':' expression?] #Slice | named
atom: NAME | 'True' | 'False' | 'None' | &STRING strings $2 | NUMBER | &'(' (tuple | group | generator) $2
  | &'[' (list | list_comprehension) $2 | &'{' (dict | set | dict_comprehension | set_comprehension) $2 | '...'
group: '(' (yield | named) ')' $2 | bad_group
lambda: 'lambda' lambda_params? ':' expression #Lambda
lambda_params: bad_lambda_params | lambda_parameters
lambda_parameters: lambda_slash_plain lambda_plain* lambda_default* lambda_star_rest?
  | lambda_slash_default lambda_default* lambda_star_rest? | lambda_plain+ lambda_default* lambda_star_rest?
  | lambda_default+ lambda_star_rest? | lambda_star_rest
lambda_slash_plain: lambda_plain+ '/' ',' | lambda_plain+ '/' &':'
lambda_slash_default: lambda_plain* lambda_default+ '/' ',' | lambda_plain* lambda_default+ '/' &':'
lambda_star_rest: bad_lambda_star_rest | '*' lambda_plain lambda_maybe* lambda_keywords?
  | '*' ',' lambda_maybe+ lambda_keywords? | lambda_keywords
lambda_keywords: bad_lambda_keywords | '**' lambda_plain
lambda_plain: NAME ',' $1 | NAME &':' $1
lambda_default: NAME default ',' | NAME default &':'
lambda_maybe: NAME default? ',' | NAME default? &':'
strings: STRING+ #Strings
list: '[' star_nameds? ']' #List
tuple: '(' [star_named ',' star_nameds?] ')' #Tuple
set: '{' star_nameds '}' #Set
dict: '{' pairs? '}' #Dict | '{' always_bad_pairs '}'
pairs: pair % ',' ','?
pair: '**' bitwise_or | key_value
key_value: expression ':' expression
comprehension_clauses: comprehension_clause+
comprehension_clause: 'async' 'for' star_targets 'in' ~ disjunction ('if' disjunction)*
  | 'for' star_targets 'in' ~ disjunction ('if' disjunction)* | bad_for_target
list_comprehension: '[' named comprehension_clauses ']' #ListComprehension | bad_comprehension
set_comprehension: '{' named comprehension_clauses '}' #SetComprehension | bad_comprehension
generator: '(' (walrus | expression !':=' $1) comprehension_clauses ')' #Generator | bad_comprehension
dict_comprehension: '{' key_value comprehension_clauses '}' #DictComprehension | bad_dict_comprehension
arguments: args ','? &')' $1 | bad_arguments
args: argument % ',' [',' named_arguments $2] #Arguments | named_arguments #Arguments
argument: starred | (walrus | expression !':=' $1) !'=' $1
named_arguments: keyword_or_star % ',' ',' keyword_or_stars % ',' | keyword_or_star % ',' | keyword_or_stars % ','
starred: '*' expression #Starred
keyword_or_star: bad_keyword | NAME '=' expression #Keyword | starred
keyword_or_stars: bad_keyword | NAME '=' expression #Keyword | '**' expression #KeywordUnpacking

star_targets: star_target !',' | star_target (',' star_target)* ','?
star_target: '*' (!'*' star_target) | starless_target
starless_target: t_primary '.' NAME !t_next | t_primary '[' slices ']' !t_next | star_atom
star_atom: NAME | '(' starless_target ')' | '(' [target_tuple] ')' | '[' [star_target % ',' ','?] ']'
target_tuple: star_target (',' star_target)+ ','? | star_target ','
single_target: place | NAME | '(' single_target ')'
place: t_primary '.' NAME !t_next | t_primary '[' slices ']' !t_next
t_primary < atom &t_next $1 | '.' NAME &t_next #Attribute | '[' slices ']' &t_next #Subscript
  | generator &t_next #Call | '(' arguments? ')' &t_next #Call
t_next: '(' | '[' | '.'
del_targets: del_target % ',' ','?
del_target: t_primary '.' NAME !t_next | t_primary '[' slices ']' !t_next | del_atom
del_atom: NAME | '(' del_target ')' | '(' del_targets? ')' | '[' del_targets? ']'

bad_arguments: (argument % ',' ',' named_arguments | named_arguments) ',' '*' => at 3 `iterable argument unpacking follows keyword argument unpacking`
  | expression comprehension_clauses ',' [args | expression comprehension_clauses]
    => span 1 2 `Generator expression must be parenthesized`
  | NAME '=' expression comprehension_clauses
    => span 1 2 `invalid syntax. Maybe you meant '==' or ':=' instead of '='?`
  | args comprehension_clauses => bare_generator
  | args ',' expression comprehension_clauses => span 3 4 `Generator expression must be parenthesized`
  | args ',' args => order_of_arguments
bad_keyword: ('True' | 'False' | 'None') '=' => span 1 2 `cannot assign to {1}`
  | NAME '=' expression comprehension_clauses
    => span 1 2 `invalid syntax. Maybe you meant '==' or ':=' instead of '='?`
  | !(NAME '=') expression '=' => span 2 3 `expression cannot contain assignment, perhaps you meant "=="?`
plain_expression: disjunction 'if' disjunction 'else' expression #Conditional | disjunction | lambda
bad_legacy: NAME !'(' star_expressions => old_statement
bad_expression: !(NAME STRING | SOFT) disjunction plain_expression => forgotten_comma
  | disjunction 'if' disjunction !('else' | ':') => span 1 3 `expected 'else' after 'if' expression`
bad_named: expression ':=' expression => at 1 `cannot use assignment expressions with {1}`
  | NAME '=' bitwise_or !('=' | ':=')
    => span 1 3 `invalid syntax. Maybe you meant '==' or ':=' instead of '='?`
  | !(list | tuple | generator | 'True' | 'None' | 'False') bitwise_or '=' bitwise_or !('=' | ':=')
    => at 2 `cannot assign to {2} here. Maybe you meant '==' instead of '='?`
bad_assignment: unannotated ':' expression => at 1 `only single target (not {1}) can be annotated`
  | star_named ',' star_nameds* ':' expression => at 1 `only single target (not tuple) can be annotated`
  | expression ':' expression => at 1 `illegal target for annotation`
  | (star_targets '=')* star_expressions '=' => assign 2
  | (star_targets '=')* yield '=' => at 2 `assignment to yield expression not possible`
  | star_expressions augmented (yield | star_expressions)
    => at 1 `'{1}' is an illegal expression for augmented assignment`
unannotated: list | tuple | '(' unannotated ')' $2
bad_del: 'del' star_expressions => delete 2
bad_block: NEWLINE !INDENT => last_indent `expected an indented block`
bad_comprehension: ('[' | '(' | '{') starred comprehension_clauses
    => at 2 `iterable unpacking cannot be used in comprehension`
  | ('[' | '{') star_named ',' star_nameds comprehension_clauses
    => span 2 4 `did you forget parentheses around the comprehension target?`
  | ('[' | '{') star_named ',' comprehension_clauses
    => span 2 3 `did you forget parentheses around the comprehension target?`
bad_dict_comprehension: '{' '**' bitwise_or comprehension_clauses '}'
    => at 2 `dict unpacking cannot be used in dict comprehension`
bad_params: param_plain* defaulted param_plain => at 3 `non-default argument follows default argument`
  | param_plain* '(' param_plain+ ','? ')' => span 2 5 `Function parameters cannot be parenthesized`
  | '/' ',' => at 1 `at least one argument must precede /`
  | (slash_plain | slash_default) param_maybe* '/' => at 3 `/ may appear only once`
  | (slash_plain | slash_default)? param_maybe* '*' (',' | param_plain) param_maybe* '/'
    => at 6 `/ must be ahead of *`
  | param_maybe+ '/' '*' => at 3 `expected comma between / and *`
defaulted: slash_default | param_default+
bad_default: '=' &(')' | ',') => at 1 `expected default value expression`
bad_star_rest: '*' (')' | ',' (')' | '**')) => at 1 `named arguments must follow bare *`
  | '*' param '=' => at 3 `var-positional argument cannot have default value`
  | '*' (param_plain | ',') param_maybe* '*' (param_plain | ',') => at 4 `* argument may appear only once`
bad_keywords: '**' param '=' => at 3 `var-keyword argument cannot have default value`
  | '**' param ',' param => at 4 `arguments cannot follow var-keyword argument`
  | '**' param ',' ('*' | '**' | '/') => at 4 `arguments cannot follow var-keyword argument`
bad_lambda_params: lambda_plain* lambda_defaulted lambda_plain
    => at 3 `non-default argument follows default argument`
  | lambda_plain* '(' NAME % ',' ','? ')' => span 2 5 `Lambda expression parameters cannot be parenthesized`
  | '/' ',' => at 1 `at least one argument must precede /`
  | (lambda_slash_plain | lambda_slash_default) lambda_maybe* '/' => at 3 `/ may appear only once`
  | (lambda_slash_plain | lambda_slash_default)? lambda_maybe* '*' (',' | lambda_plain) lambda_maybe* '/'
    => at 6 `/ must be ahead of *`
  | lambda_maybe+ '/' '*' => at 3 `expected comma between / and *`
lambda_defaulted: lambda_slash_default | lambda_default+
bad_lambda_star_rest: '*' (':' | ',' (':' | '**')) => last `named arguments must follow bare *`
  | '*' NAME '=' => at 3 `var-positional argument cannot have default value`
  | '*' (lambda_plain | ',') lambda_maybe* '*' (lambda_plain | ',') => at 4 `* argument may appear only once`
bad_lambda_keywords: '**' NAME '=' => at 3 `var-keyword argument cannot have default value`
  | '**' NAME ',' NAME => at 4 `arguments cannot follow var-keyword argument`
  | '**' NAME ',' ('*' | '**' | '/') => at 4 `arguments cannot follow var-keyword argument`
bad_with_item: expression 'as' expression &(',' | ')' | ':') => assign 3
bad_for_target: 'async'? 'for' star_expressions => for 3
bad_group: '(' starred ')' => at 2 `cannot use starred expression here`
  | '(' '**' expression ')' => at 2 `cannot use double starred expression here`
bad_imported: imported_names ',' NEWLINE
    => last `trailing comma not allowed without surrounding parentheses`
bad_with: 'async'? 'with' (expression ['as' star_target]) % ',' NEWLINE => last `expected ':'`
  | 'async'? 'with' '(' (expressions ['as' star_target]) % ',' ','? ')' NEWLINE => last `expected ':'`
bad_with_indent: 'async'? 'with' (expression ['as' star_target]) % ',' ':' NEWLINE !INDENT
    => indent 2 `'with' statement`
  | 'async'? 'with' '(' (expressions ['as' star_target]) % ',' ','? ')' ':' NEWLINE !INDENT
    => indent 2 `'with' statement`
bad_try: 'try' ':' NEWLINE !INDENT => indent 1 `'try' statement`
  | 'try' ':' block !('except' | 'finally') => last `expected 'except' or 'finally' block`
  | 'try' ':' block* except+ 'except' '*' expression ['as' NAME] ':'
    => span 5 6 `cannot have both 'except' and 'except*' on the same 'try'`
  | 'try' ':' block* except_star+ 'except' [expression ['as' NAME]] ':'
    => at 5 `cannot have both 'except' and 'except*' on the same 'try'`
bad_except: 'except' '*'? expression ',' expressions ['as' NAME] ':'
    => open 3 `multiple exception types must be parenthesized`
  | 'except' '*'? expression ['as' NAME] NEWLINE => last `expected ':'`
  | 'except' NEWLINE => last `expected ':'`
  | 'except' '*' (NEWLINE | ':') => last `expected one or more exception types`
bad_finally: 'finally' ':' NEWLINE !INDENT => indent 1 `'finally' statement`
bad_except_indent: 'except' expression ['as' NAME] ':' NEWLINE !INDENT => indent 1 `'except' statement`
  | 'except' ':' NEWLINE !INDENT => indent 1 `'except' statement`
bad_except_star_indent: 'except' '*' expression ['as' NAME] ':' NEWLINE !INDENT
    => indent 1 `'except*' statement`
bad_match: "match" subject NEWLINE => last `expected ':'`
  | "match" subject ':' NEWLINE !INDENT => indent 1 `'match' statement`
bad_case: "case" patterns guard? NEWLINE => last `expected ':'`
  | "case" patterns guard? ':' NEWLINE !INDENT => indent 1 `'case' statement`
bad_as_pattern: or_pattern 'as' "_" => at 3 `cannot use '_' as a target`
  | or_pattern 'as' !NAME expression => at 4 `invalid pattern target`
bad_class_pattern: name_or_attribute '(' unordered_patterns
    => at 3 `positional patterns follow keyword patterns`
unordered_patterns: [positional_patterns ','] keyword_patterns ',' positional_patterns $4
bad_if: 'if' named NEWLINE => last `expected ':'`
  | 'if' named ':' NEWLINE !INDENT => indent 1 `'if' statement`
bad_elif: 'elif' named NEWLINE => last `expected ':'`
  | 'elif' named ':' NEWLINE !INDENT => indent 1 `'elif' statement`
bad_else: 'else' ':' NEWLINE !INDENT => indent 1 `'else' statement`
bad_while: 'while' named NEWLINE => last `expected ':'`
  | 'while' named ':' NEWLINE !INDENT => indent 1 `'while' statement`
bad_for: 'async'? 'for' star_targets 'in' star_expressions NEWLINE => last `expected ':'`
  | 'async'? 'for' star_targets 'in' star_expressions ':' NEWLINE !INDENT => indent 2 `'for' statement`
bad_function: 'async'? 'def' NAME '(' params? ')' ['->' expression] ':' NEWLINE !INDENT
    => indent 2 `function definition`
bad_class: 'class' NAME ['(' arguments? ')'] NEWLINE => last `expected ':'`
  | 'class' NAME ['(' arguments? ')'] ':' NEWLINE !INDENT => indent 1 `class definition`
always_bad_pairs: pair % ',' ',' bad_pair
  | expression ':' '*' bitwise_or => open 3 `cannot use a starred expression in a dictionary value`
  | expression ':' &('}' | ',') => at 2 `expression expected after dictionary key and ':'`
bad_pair: expression !':' => pair_without_value
  | expression ':' '*' bitwise_or => open 3 `cannot use a starred expression in a dictionary value`
  | expression ':' &('}' | ',') => at 2 `expression expected after dictionary key and ':'`
"#;
