import { expect, test } from "vitest";

import { csvOf, decode, parseCsv } from "./csv";

const cellsOf = (text: string) => parseCsv(text).map(({ cells }) => cells);

test("what is written is read again as it was", () => {
  const rows = [["a", "b"], ['say "hi"', "two\nlines"], ["=1+1", "+49 30 1"], [" \t-x", "@me"], ["'quoted", "ü"]];
  expect(cellsOf(csvOf(rows))).toEqual(rows);
});

test("cells that would run as formulas are text", () => {
  expect(csvOf([["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "\r=x", " =x", "a=b"]])).toBe("'=HYPERLINK(1),'+1,'-1,'@x,'\tx,\"'\r=x\",' =x,a=b\r\n");
});

test("delimiters are found out, and empty lines left out", () => {
  expect(cellsOf("a;b\r\n\r\n1;\"2;3\"\r\n")).toEqual([["a", "b"], ["1", "2;3"]]);
  expect(cellsOf("a\tb\n1\t2")).toEqual([["a", "b"], ["1", "2"]]);
});

test("a line is known by where it begins in the file", () => {
  expect(parseCsv('a\n"x\ny"\nz\n').map(({ number }) => number)).toEqual([1, 2, 4]);
  expect(parseCsv('a\r\n"x\r\ny"\r\nz\r\n').map(({ number }) => number)).toEqual([1, 2, 4]);
});

test("files of other encodings are read", () => {
  expect(decode(new Uint8Array([0xff, 0xfe, 0x61, 0, 0xfc, 0]).buffer)).toBe("aü");
  expect(decode(new Uint8Array([0x61, 0xfc]).buffer)).toBe("aü");
  expect(decode(new TextEncoder().encode("\uFEFFaü").buffer)).toBe("aü");
});
