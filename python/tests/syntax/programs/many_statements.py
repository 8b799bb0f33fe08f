import struct
@staticmethod
def f(a, b=1, /, c: int = 2, *args, d, e=3, **kw) -> int:
    global g
    g = [x for x in range(10) if x % 2]
    h = {k: v for k, v in kw.items()}
    s = {1, 2, *a}
    d = {1: 2, **h}
    return a if b else c

class A(B, metaclass=C):
    """doc"""
    x: int = 3
    def m(self):
        nonlocal_ = lambda x, *y, z=1: x + y
        for i, (j, *k) in enumerate(zip(a, b)):
            if i > 3 and not j or k is not None:
                continue
            elif (n := len(k)) == 2:
                break
            else:
                del k[0], j.x
        else:
            pass
        try:
            raise ValueError(f"bad {x!r:>{width}} {y=}") from None
        except (TypeError, OSError) as e:
            print(e, sep='', end="\n")
        except:
            assert False, 'no'
        finally:
            x = y = 1
        with open("a") as f, g() as h:
            a[1:2, ::3] += 1
        while True: x **= -2; break
        async def q():
            await z
            yield 1
        match x:
            case [1, *r] if r: pass
            case {"a": 1, **z}: pass
            case P(x=1) | None as t: pass
        return b'ab' 'c', r"\d", x if y else z, f(*a, b=1, **c)
