# Dates that do not depend on the time.
import datetime
d = datetime.datetime(2024, 1, 2, 3, 4, 5)
print(d, repr(d), d.strftime("%Y-%m-%d %H:%M:%S"), d + datetime.timedelta(days=1), d - d, d.year, d.isoformat(), d.weekday())
print(datetime.timedelta(seconds=90), repr(datetime.timedelta(1, 2)))
from datetime import datetime
print(datetime.now().year > 2000)
