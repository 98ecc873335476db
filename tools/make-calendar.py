#!/usr/bin/env python3
"""Writes calendars/cn.tsv from a day-by-day calendar, a list of notices and a list of exceptions.

usage: make-calendar.py DAYS.csv NOTICES.csv EXCEPTIONS.tsv EDITION > calendars/cn.tsv

DAYS.csv has date, weekday_iso, name and one verdict a source; a day on which the sources differ stops the run, and so does
a year in which EXCEPTIONS.tsv (date, kind, name, source) says something else than DAYS.csv.
"""
import csv
import datetime
import sys

days_file, notices_file, exceptions_file, edition = sys.argv[1:5]
notices = {}
for row in csv.DictReader(open(notices_file, encoding="utf-8")):
    notices.setdefault(row["year"], []).append(row["official_notice_url"].split("://", 1)[1])
stated = {}
for row in csv.DictReader(open(exceptions_file, encoding="utf-8"), delimiter="\t"):
    stated[row["date"]] = row["kind"]

print(f"calendar\tcn\t中国法定节假日和调休上班日\nedition\t{edition}\nweekend\t6,7")
year = None
for row in csv.DictReader(open(days_file, encoding="utf-8")):
    date = row["date"]
    if row["all_agree"] != "1":
        sys.exit(f"{date}: the sources differ")
    works = row["is_workday_holiday_cn"] == "1"
    weekend = datetime.date.fromisoformat(date).isoweekday() > 5
    if date[:4] != year:
        year = date[:4]
        print(f"year\t{year}\t国务院办公厅关于{year}年节假日安排的通知\t{' '.join(notices[year])}")
    if any(d[:4] == year for d in stated) and date in stated and works != (stated[date] == "workday"):
        sys.exit(f"{date}: the list of exceptions says {stated[date]}")
    if works == weekend:
        print(f"{'work' if works else 'off'}\t{date}\t{row['name']}")
    elif not works and row["name"]:
        print(f"off\t{date}\t{row['name']}")
