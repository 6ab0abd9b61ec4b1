-- The tables of search.
SELECT 1;
