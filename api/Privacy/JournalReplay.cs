using System.Globalization;
using AnkerOrte.Api.ApiKeys;
using AnkerOrte.Api.Assessments;
using AnkerOrte.Api.Confirmations;
using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Invitations;
using AnkerOrte.Api.SurveyResponses;
using AnkerOrte.Api.SurveyResults;
using AnkerOrte.Api.Writing;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Privacy;

/// <summary>Does again what an entry of the journal says, where a restored backup does not know of it.</summary>
internal static class JournalReplay
{
    public static void Repeat(SqliteConnection connection, Tombstone tombstone, Author author)
    {
        switch (tombstone.Kind)
        {
            case Tombstones.Person:
                Erasure.Erase(connection, author, tombstone.Id, tombstone.Participants);
                break;
            case Tombstones.Withdrawal when tombstone.Id.Split('/') is [var conversation, var pseudonym, var purposes]:
                // Consent that was given again after the withdrawal is in no backup that is older than it.
                ConsentQueries.Withdraw(connection, conversation, pseudonym, purposes.Split(','), tombstone.At[..10], tombstone.At);
                PassageVisibility.Apply(connection, author, conversation, pseudonym, purposes.Split(','));
                break;
            case Tombstones.Conversation:
                Erasure.EraseTranscript(connection, tombstone.Id);
                break;
            case Tombstones.SurveyResponse when tombstone.Id.Split('/') is [var survey, var response]:
                ResponseQueries.Erase(connection, survey, response, tombstone.At);
                break;
            case Tombstones.Restriction when PersonQueries.Find(connection, tombstone.Id) is { } person:
                PersonQueries.Restrict(connection, person.Id, tombstone.Details!.Restricted == true, tombstone.At);
                Restrictions.Apply(connection, author, person.Pseudonyms);
                break;
            case Tombstones.Rectification:
                PersonHandlers.RepeatRectification(connection, author, tombstone);
                break;
            case Tombstones.ApiKey:
                ApiKeyQueries.Revoke(connection, tombstone.Id, tombstone.At);
                break;
            case Tombstones.Invitation when tombstone.Id.Split('/') is [var survey, var invitation]:
                InvitationQueries.Revoke(connection, survey, invitation, tombstone.At);
                if (tombstone.Reason == "retention")
                {
                    InvitationQueries.DeleteSecret(connection, invitation, tombstone.At);
                }

                break;
            case Tombstones.ConfirmLink:
                ConfirmLinkQueries.Revoke(connection, tombstone.Id, tombstone.At);
                break;
            case Tombstones.ReleaseLink:
                ReleaseLinks.MarkUsed(connection, tombstone.Id, tombstone.Details?.Passages ?? [], tombstone.At);
                break;
            case Tombstones.RejectedPassage:
                PassageQueries.RejectIfUndecided(connection, [tombstone.Id], tombstone.At);
                break;
            case Tombstones.Assessment:
                AssessmentQueries.Remove(connection, tombstone.Id, tombstone.At);
                break;
            case Tombstones.SurveyRelease when tombstone.Id.Split('/') is [var survey, var number]:
                ReleaseQueries.Put(connection, survey, int.Parse(number, CultureInfo.InvariantCulture), WireJson.Read<PublishedRelease>(tombstone.Details!.Release!.Value.GetRawText()));
                break;
            case Tombstones.Record when tombstone.Id.Split('/', 2) is [var kind, var key] && tombstone.Details?.Action is "removed"
                or "unpublished":
                RemovedRecords.Repeat(connection, kind, key, tombstone.Details.Action, author);
                break;
        }
    }
}
