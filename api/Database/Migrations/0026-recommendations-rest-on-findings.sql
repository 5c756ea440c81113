-- What the handlers check, once more where nothing gets past: at the moment of publishing there is an approved finding, and the weakest bears
-- the strength (high, moderate: strong; low: conditional; very low: experience).
create trigger recommendations_are_published_under_their_rule before update of status on recommendations
when new.status = 'published' and old.status <> 'published'
    and coalesce((
        select max(case f.confidence_level when 'very-low' then 2 when 'low' then 1 else 0 end)
        from recommendation_findings u join published_findings f on f.id = u.finding_id
        where u.recommendation_id = new.id), 9) > case new.strength when 'experience' then 2 when 'conditional' then 1 else 0 end
begin
    select raise(abort, 'a published recommendation rests on an approved finding that bears its strength');
end;
