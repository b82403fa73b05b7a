import csv
import io

from exosphere_satellite import Failure, satellite


@satellite
def run(request, context):
    source = request.input["file"]
    required = request.config.get("required", [])
    kept, seen, count = io.StringIO(), set(), 0
    with context.files.read(source) as stream:
        table = csv.reader(io.TextIOWrapper(stream, encoding="utf-8", newline=""))
        columns = next(table, [])
        missing = [name for name in required if name not in columns]
        if missing:
            # Another attempt would find the same file.
            raise Failure(f"'{source['name']}' has no column '{missing[0]}'.", code="column-missing", retryable=False)
        writer = csv.writer(kept, lineterminator="\n")
        writer.writerow(columns)
        for count, row in enumerate(table, start=1):
            reason = fault(dict(zip(columns, row)), required) or ("repeated" if tuple(row) in seen else None)
            if reason:
                context.log.warn("row dropped", row=count, reason=reason)
                continue
            seen.add(tuple(row))
            writer.writerow(row)
    context.metrics(rows=count)
    file = context.files.write(source["name"], "text/csv", kept.getvalue())
    return [{"file": file, "kept": len(seen), "dropped": count - len(seen)}]


def fault(row, required):
    return next((f"no {name}" for name in required if not row.get(name, "").strip()), None)
