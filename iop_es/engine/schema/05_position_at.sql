-- The last position recorded at or before a moment: time follows position, so a binary search over the dense positions finds it
-- without an index that every append would have to feed.
CREATE OR REPLACE FUNCTION position_at(moment timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT AS $$
DECLARE
    low    bigint := 0;
    high   bigint;
    middle bigint;
BEGIN
    SELECT position INTO high FROM log_head;
    WHILE low < high LOOP
        middle := (low + high + 1) / 2;
        IF (SELECT recorded_at <= moment FROM fact WHERE position = middle) THEN
            low := middle;
        ELSE
            high := middle - 1;
        END IF;
    END LOOP;
    RETURN low;
END
$$;
