raise ZeroDivisionError("broken on purpose")
