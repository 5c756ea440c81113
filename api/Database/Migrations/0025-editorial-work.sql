-- What waits for those who write findings and recommendations. An id may be that of a finding and of a recommendation, hence the key.
create view editorial_work as
select 'finding:' || id as key, 'finding' as kind, id, status, title_de, title_en, updated_at from findings where deleted_at is null and status <> 'approved'
union all
select 'recommendation:' || id, 'recommendation', id, status, title_de, title_en, updated_at from recommendations where deleted_at is null and status <> 'published';
