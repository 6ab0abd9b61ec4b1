-- The tables of mail.
SELECT 1;
