-- What the shell has to answer alike in every build: types, functions, joins, recursion, windows,
-- JSON, full text, R-tree, triggers, transactions, integrity.
.mode list
CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL, tag TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
  INSERT INTO item SELECT i, printf('item-%05d', i * 7919 % 2003), i * 1.25 - 100, char(97 + i % 7) FROM n;
CREATE INDEX by_tag ON item(tag, price);
SELECT tag, count(*), sum(price), avg(price), min(name), max(name) FROM item GROUP BY tag ORDER BY tag;
SELECT a.id, b.id FROM item a JOIN item b ON a.price = b.price + 50 WHERE a.tag = b.tag ORDER BY 1 LIMIT 5;
SELECT id, name, sum(price) OVER (PARTITION BY tag ORDER BY id ROWS 3 PRECEDING) FROM item WHERE id < 12;
EXPLAIN QUERY PLAN SELECT * FROM item WHERE tag = 'c' AND price > 10 ORDER BY price;
SELECT 1/3.0, 1e308 * 10, -9223372036854775808, 0x7fffffffffffffff + 1, 7 / 2, -7 / 2, -7 % 3, 2.5 % 2;
SELECT round(2.5), round(-1.005, 2), abs(-5), cast('12abc' AS INTEGER), cast(1e20 AS INTEGER), typeof(1e3);
SELECT printf('%d|%5.2f|%e|%g|%x|%s|%q', 42, 3.14159, 12345.678, 1e-10, 255, 'text', 'it''s');
SELECT hex(zeroblob(4)), quote(x'00ff'), length('größe'), upper('abc'), substr('hello', -3, 2), replace('aXbX', 'X', '--');
SELECT sqrt(2), exp(1), ln(10), pow(2, 0.5), atan2(1, 2), floor(-2.5), ceil(2.1), mod(10, 3);
SELECT date('2024-02-29', '+1 year'), strftime('%j %W %s', '2000-01-01 12:34:56'), julianday('1969-07-20');
SELECT json_extract('{"a":[1,2,{"b":null}]}', '$.a[2]'), json_array(1, 'x', 2.5), json_group_array(id) FROM item WHERE id < 6;
WITH RECURSIVE
  xaxis(x) AS (VALUES(-2.0) UNION ALL SELECT x + 0.05 FROM xaxis WHERE x < 1.2),
  yaxis(y) AS (VALUES(-1.0) UNION ALL SELECT y + 0.1 FROM yaxis WHERE y < 1.0),
  m(iter, cx, cy, x, y) AS (SELECT 0, x, y, 0.0, 0.0 FROM xaxis, yaxis UNION ALL
    SELECT iter + 1, cx, cy, x * x - y * y + cx, 2.0 * x * y + cy FROM m WHERE (x * x + y * y) < 4.0 AND iter < 28),
  m2(iter, cx, cy) AS (SELECT max(iter), cx, cy FROM m GROUP BY cx, cy),
  a(t) AS (SELECT group_concat(substr(' .+*#', 1 + min(iter / 7, 4), 1), '') FROM m2 GROUP BY cy)
SELECT group_concat(rtrim(t), char(10)) FROM a;
CREATE VIRTUAL TABLE text USING fts4(body);
INSERT INTO text SELECT name || ' is tagged ' || tag || CASE WHEN id % 3 THEN ' cheap' ELSE ' dear' END FROM item;
SELECT count(*) FROM text WHERE body MATCH 'dear AND tagged';
SELECT snippet(text) FROM text WHERE body MATCH 'item-00042';
CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1, y0, y1);
INSERT INTO boxes SELECT id, id % 50, id % 50 + 2, id / 50, id / 50 + 1.5 FROM item;
SELECT count(*), sum(id) FROM boxes WHERE x0 > 10 AND x1 < 20 AND y0 > 5 AND y1 < 12;
CREATE TABLE log(what, old, new);
CREATE TRIGGER watch AFTER UPDATE ON item BEGIN INSERT INTO log VALUES('price', old.price, new.price); END;
BEGIN; UPDATE item SET price = price * 1.1 WHERE id % 500 = 0; SAVEPOINT s; DELETE FROM item; ROLLBACK TO s; COMMIT;
SELECT *, changes() FROM log; SELECT count(*), total_changes() > 0 FROM item;
SELECT 'a' < 'B', 'a' < 'B' COLLATE NOCASE, 'abc' LIKE 'A%', 'abc' GLOB 'A*', NULL IS NULL, coalesce(NULL, 3), 1 IN (NULL, 1);
SELECT group_concat(x) FROM (SELECT DISTINCT price > 0 AS x FROM item ORDER BY x);
SELECT * FROM nothing;
SELECT syntax error;
INSERT INTO item(id, name) VALUES(1, 'again');
CREATE TABLE strict_table(a INT, b TEXT CHECK(length(b) < 5)) STRICT;
INSERT INTO strict_table VALUES('x', 'y');
INSERT INTO strict_table VALUES(1, 'too long');
PRAGMA integrity_check;
VACUUM;
PRAGMA page_count;
SELECT sum(length(name)), sum(unicode(tag)) FROM item;
