# Formats and their errors.
print("{}".format())
# ---
print("%d" % "a")
# ---
print("%s %s" % "a")
# ---
print("%s" % ("a", "b"))
# ---
print(f"{3:s}")
# ---
print(f"{[1]:5}")
# ---
"{a}".format(b=1)
# ---
"{1}".format(1)
