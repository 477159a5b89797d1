"""Test workbooks made by XlsxWriter: formulas with values of each kind, rich text, inline strings."""
import datetime, os
import xlsxwriter


def book(case, **options):
    os.makedirs("../" + case, exist_ok=True)
    return xlsxwriter.Workbook("../%s/input.xlsx" % case, options)


def kinds():
    wb = book("xlsxwriter-kinds")
    ws = wb.add_worksheet("Formulas")
    bold, date, money = wb.add_format({"bold": True}), wb.add_format({"num_format": "yyyy-mm-dd"}), wb.add_format({"num_format": "#,##0.00 €"})
    ws.write_formula("A1", "=1+2", None, 3)
    ws.write_formula("A2", '="a"&"b"', None, "ab")
    ws.write_formula("A3", "=1=1", None, True)
    ws.write_formula("A4", "=1/0", None, "#DIV/0!")
    ws.write_formula("A5", "=TODAY()", date, 45306)
    ws.write_formula("A6", '=""', None, "")
    ws.write_formula("A7", "=A1*2", money, 6)
    ws.write_array_formula("B1:B3", "{=TRANSPOSE(A1:C1)}", None, 3)
    ws.write_number("B2", 5)
    ws.write_number("B3", 7)
    ws.write_rich_string("C1", "plain ", bold, "bold", " & plain")
    ws.write_string("C2", " \t kept \n ")
    ws.write_string("C3", "a\x0b\x1f")
    ws.write_string("C4", "x" * 32767)
    ws.write_datetime("D1", datetime.datetime(2024, 2, 29, 23, 59, 59), date)
    ws.write_boolean("D2", False)
    ws.write_blank("D3", None, bold)
    ws.write_comment("D4", "not a cell")
    ws.write_url("D5", "https://example.org/?a=1&b=2", string="a link")
    ws.autofilter("A1:D5")
    table = wb.add_worksheet("Table")
    table.add_table("B3:D6", {"name": "Orders", "total_row": True, "data": [["SO-1", 2, 3.5], ["SO-2", 1, 9.99]],
                              "columns": [{"header": "Order", "total_string": "Totals"}, {"header": "Qty", "total_function": "sum", "total_value": 3}, {"header": "Price"}]})
    wb.close()


def inline():
    wb = book("xlsxwriter-inline", constant_memory=True)
    ws = wb.add_worksheet("Inline")
    date = wb.add_format({"num_format": "dd.mm.yyyy"})
    for r in range(300):
        ws.write_row(r, 0, ["SO-%05d" % (r // 3), "  padded & <odd> %d " % r, r, r / 8, "日本" if r % 5 else None, r % 2 == 0])
        ws.write_datetime(r, 7, datetime.datetime(2024, 1, 1) + datetime.timedelta(days=r), date)
    wb.close()


def old():
    wb = book("xlsxwriter-1904", date_1904=True)
    ws = wb.add_worksheet("Dates")
    for i, f in enumerate(["yyyy-mm-dd", "d mmm yy", "hh:mm", "[h]:mm:ss", "mm:ss.0", '"Week" 0', "[Red]#,##0", "0.00E+00", "# ?/?", "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "[$-411]ge.m.d"]):
        ws.write_number(i, 0, 43844.25, wb.add_format({"num_format": f}))
    wb.close()


kinds()
inline()
old()
