"""Test workbooks made by openpyxl: kinds of cells, both date systems, kinds of sheets."""
import datetime, os
import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table
from openpyxl.workbook.defined_name import DefinedName


def save(wb, case):
    os.makedirs("../" + case, exist_ok=True)
    wb.save("../%s/input.xlsx" % case)


def kinds(case, epoch=None):
    wb = openpyxl.Workbook()
    if epoch:
        wb.epoch = epoch
    ws = wb.active
    ws.title = "Kinds"
    ws.append(["what", "value"])
    for what, value, fmt in [
        ("text", "plain", None), ("spaces", "  kept  ", None), ("newline", "two\nlines", None), ("markup", "<a href=\"x\">R&D</a>", None),
        ("accents", "Ünïcödé – 日本語 – \U0001F600", None), ("looks like a number", "00123", "@"), ("looks like a formula", "'=1+1", None),
        ("integer", 42, None), ("negative", -17.25, None), ("noise", 387.48, None), ("large", 123456789012345, None), ("small", 1.5e-7, None),
        ("percent", 0.125, "0.00%"), ("money", 1234.5, '"$"#,##0.00'), ("euro", 99.99, "#,##0.00 [$€-407]"), ("zeros", 123, "00000"),
        ("yes", True, None), ("no", False, None), ("error", "#N/A", None), ("division", "#DIV/0!", None),
        ("date", datetime.date(2024, 1, 15), "yyyy-mm-dd"), ("moment", datetime.datetime(2024, 1, 15, 13, 45, 30), "dd/mm/yyyy hh:mm:ss"),
        ("time", datetime.time(6, 30), "hh:mm"), ("duration", datetime.timedelta(hours=30), "[h]:mm"), ("locale", 45306, "[$-409]d-mmm-yy;@"),
        ("built in", 45306, "mm-dd-yy"),
    ]:
        ws.append([what, value])
        if fmt:
            ws.cell(ws.max_row, 2).number_format = fmt
    save(wb, case)


def sheets():
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "Orders"
    ws["A1"] = "Spring orders"
    ws.merge_cells("A1:C1")
    ws.append([])
    ws.append(["Order #", "SKU", "Qty"])
    for i in range(1, 21):
        ws.append(["SO-%03d" % (i // 2), "SKU-%d" % i, i])
    ws.add_table(Table(displayName="Lines", ref="A3:C23"))
    ws.row_dimensions[7].hidden = True
    ws.row_dimensions[9].hidden = True
    for row in range(24, 60):  # formatted, empty
        for col in range(1, 4):
            ws.cell(row, col).fill = PatternFill("solid", fgColor="EEEEEE")
    far = wb.create_sheet("Far")
    far["XFD1"] = "last column"
    far["A1048576"] = "last row"
    far["B500"] = 3.5
    hidden = wb.create_sheet("Prices")
    hidden.sheet_state = "hidden"
    hidden.append(["SKU-1", 9.95])
    secret = wb.create_sheet("Secret")
    secret.sheet_state = "veryHidden"
    secret.append(["do not look"])
    chart = wb.create_chartsheet("Chart")
    bar = BarChart()
    bar.add_data(Reference(ws, min_col=3, min_row=3, max_row=23), titles_from_data=True)
    chart.add_chart(bar)
    wb.create_sheet("Empty")
    wb.defined_names.append(DefinedName("ordersheet_report", attr_text="Orders!$A$1"))
    save(wb, "openpyxl-sheets")


def wide():
    wb = openpyxl.Workbook(write_only=True)
    ws = wb.create_sheet("Wide")
    for r in range(1, 120):
        ws.append(["%s%d" % (get_column_letter(c), r) if (r + c) % 3 else r * c / 7 for c in range(1, 27)])
    save(wb, "openpyxl-wide")


def tables(name, totals):
    """Orders in a table object that begins at C4, with notes around it; without totals, a row was appended that the table doesn't cover."""
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "Data"
    ws["B2"], ws["L4"], ws["L5"], ws["C14"] = "Notes above", "SKU", "beside", "Signed: somebody"
    head = ["Order Number", "Order Date", "Channel ID", "Bill To Name", "Ship To Name", "SKU", "Quantity", "Unit Price", "Order Status"]
    for j, h in enumerate(head):
        ws.cell(4, 3 + j, h)
    ws.move_range("L4:L5", cols=2)
    for i in range(6 if totals else 7):
        row = ["A-%d" % (i // 2), datetime.date(2024, 1, 1 + i // 2), 3, "Ann", "Ann", "SKU-%03d" % i, 1 + i % 5, 9.99, "pending"]
        for j, v in enumerate(row):
            ws.cell(5 + i, 3 + j, v)
    table = Table(displayName="tOrders", ref="C4:K11" if totals else "C4:K10")
    if totals:
        table.totalsRowCount = 1
        ws["C11"], ws["I11"] = "Ergebnis", 18
        ws.row_dimensions[6].hidden = True
    ws.add_table(table)
    save(wb, name)


kinds("openpyxl-kinds")
kinds("openpyxl-1904", openpyxl.utils.datetime.CALENDAR_MAC_1904)
sheets()
wide()
tables("openpyxl-table", False)
tables("openpyxl-totals", True)
