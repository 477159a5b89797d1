-- What a person can do about a problem, as values; and a code that had two severities is two codes.

-- +goose Up
ALTER TABLE problem ADD COLUMN remedies TEXT NOT NULL DEFAULT ''; -- JSON list; empty for none
UPDATE problem SET code = 'total_of_answer_differs'
WHERE code = 'total_differs' AND severity = 'warning';
