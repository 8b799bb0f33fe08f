# Time: what does not depend on the moment.
import time
from datetime import datetime, timedelta

start = time.time()
time.sleep(0.001)
print(time.time() >= start, time.monotonic() >= 0, time.perf_counter() >= 0, time.time_ns() > 10**18)
print(time.ctime(0), time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(1000000000)))
t = time.gmtime(86400)
print(t, t.tm_mday, t[0], len(t), t[:3])
year, month, *rest = t
print(year, month, rest)
now = datetime.now()
print(now.year >= 2024, str(now)[:2], len(now.strftime("%Y-%m-%d %H:%M:%S")))
day = datetime(2024, 2, 28, 12, 30)
print(day, repr(day), day.isoformat(), day + timedelta(days=2), day.weekday())
print(datetime(2024, 3, 1) - day, (datetime(2024, 3, 1) - day).total_seconds())
print(f"{day:%H:%M} {timedelta(hours=25)}", timedelta(minutes=90) * 2, timedelta(1) / 4)
print(day < datetime(2025, 1, 1), day == datetime(2024, 2, 28, 12, 30))
datetime(2024, 2, 30)
