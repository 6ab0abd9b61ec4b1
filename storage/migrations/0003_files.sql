-- The tables of files.
SELECT 1;
