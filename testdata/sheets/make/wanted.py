"""Writes cells.jsonl for each case from what openpyxl reads. Two things that openpyxl 3.0 doesn't do are done here: _xHHHH_ escapes, and serials of dates (it is made to
leave numbers alone)."""
import glob, json, os, re
import openpyxl
import openpyxl.worksheet._reader as reader
from openpyxl.cell.cell import ERROR_CODES

reader.from_excel = lambda value, epoch=None, timedelta=False: value


def unescape(s):
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), s)


for path in sorted(glob.glob("../*/input.xlsx")):
    wb = openpyxl.load_workbook(path, data_only=True)
    with open(os.path.dirname(path) + "/cells.jsonl", "w") as f:
        for ws in wb.worksheets:
            rows = {}
            for (number, _), c in sorted(ws._cells.items()):  # iter_rows would walk over every cell of a sparse sheet
                rows.setdefault(number, []).append(c)
            for number, row in rows.items():
                cells = {}
                for c in row:
                    v = c.value
                    if v is None or v == "":
                        continue
                    if isinstance(v, bool):
                        v = ["b", v]
                    elif isinstance(v, (int, float)):
                        v = ["n", repr(v)]
                    elif v in ERROR_CODES and c.data_type == "e":
                        v = ["e", v]
                    elif isinstance(v, str):
                        v = ["s", unescape(v)]
                    else:
                        v = ["d", repr(openpyxl.utils.datetime.to_excel(v, wb.epoch))]
                    cells[c.column_letter] = v
                if cells:
                    f.write(json.dumps({"sheet": ws.title, "row": number, "c": cells}, ensure_ascii=False) + "\n")
