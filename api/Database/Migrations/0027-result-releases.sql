-- Results of surveys are published in releases, which never change.

create table survey_releases (
    survey text not null references surveys,
    number integer not null check (number > 0),
    -- How many responses it counts.
    responses integer not null,
    -- Whether it was made when the survey was closed.
    final integer not null check (final in (0, 1)),
    -- Names and keys of the breakdowns, in the order of the published tables.
    breakdowns text not null check (json_valid(breakdowns)),
    author text,
    created_at text not null,
    primary key (survey, number)
) strict, without rowid;

-- The published numbers of one question in all tables; suppressed ones are null and stand nowhere.
create table survey_release_items (
    survey text not null,
    release integer not null,
    place integer not null,
    item text not null,
    content text not null check (json_valid(content)),
    primary key (survey, release, place),
    foreign key (survey, release) references survey_releases
) strict, without rowid;

-- Which responses a release counts. Confidential: it shows the next release which responses are new or have changed.
create table survey_release_responses (
    survey text not null,
    response text not null,
    release integer not null,
    -- Hash of answers, groups and respondent.
    fingerprint blob not null,
    primary key (survey, response, release)
) strict, without rowid;

create trigger survey_responses_are_erased after update of state on responses when new.state = 'deleted'
begin
    delete from survey_release_responses where survey = new.survey and response = new.id;
end;

create trigger survey_releases_never_change before update on survey_releases
begin
    select raise(abort, 'a release never changes');
end;

create trigger survey_release_items_never_change before update on survey_release_items
begin
    select raise(abort, 'a release never changes');
end;

-- Results were computed again for each state of the responses; releases are not.
alter table surveys drop column responses_revision;

-- 1: a submitted response is accepted at once, without a review.
alter table surveys add column accepts_submitted integer not null default 0;

-- Evidence cites one release; older links cite the latest one.
alter table finding_computations add column release integer;

drop view finding_voices;
create view finding_voices as
select l.finding_id, l.relation, p.id, 'passage' as kind, iif(v.kind = 'interview', 'Aus einem Interview', 'Aus einer Fokusgruppe') as label, p.quote as text,
       '/v1/passages/' || p.id as path
from finding_passages l
join released_passages p on p.id = l.passage_id
join public_conversations v on v.id = p.conversation_id
union all
select c.finding_id, c.relation, c.id, c.kind, iif(c.run is null, 'Befragung „' || c.survey || '“, Frage „' || c.item || '“', 'Rechenlauf ' || c.run), c.statement_de,
       case when c.run is not null then '/v1/typology-runs/' || c.run
            when c.release is null then '/v1/surveys/' || c.survey || '/results?item=' || c.item
            else '/v1/surveys/' || c.survey || '/releases/' || c.release || '?item=' || c.item end
from finding_computations c;

-- Numbers on the validation of types that are public. They are published again when at least three further sites or groups were
-- asked, so that two answers never differ by what one of them said.
create table published_validations (
    kind text not null,
    type text not null,
    -- Empty: the type as a whole.
    dimension text not null,
    -- Site or focus group, and the worst verdict of its conversations: 0 confirmed, 1 partly, 2 rejected.
    unit text not null,
    worst integer not null,
    -- 0: too few are left since then. The numbers stay to compare the next ones with.
    shown integer not null default 1 check (shown in (0, 1)),
    primary key (type, kind, dimension, unit)
) strict, without rowid;
