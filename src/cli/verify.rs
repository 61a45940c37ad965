//! `keyaki verify`: does a certificate prove its property of these documents?

use std::ffi::OsString;
use std::fs::File as Opened;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, ValueEnum};
use serde_json::json;

use crate::catalogue::Catalogue;
use crate::certificate::{File, LONGEST, Property, Proved, Refused};
use crate::checks::claims::Claims;
use crate::checks::findings::claim::in_words;
use crate::checks::proof::Given as Beside;
use crate::checks::public::{FromOutside, ResourceType};
use crate::checks::{Access, Admission, Question, Requests, Settings, Strictness};
use crate::cli::Failure;
use crate::cli::certificate::Manner;
use crate::cli::check_access_not_granted::{self, Listed};
use crate::cli::check_no_public_access::resource_type;
use crate::cli::document::{Documents, Given, Reading, Side, refusal};
use crate::cli::exit::Exit;
use crate::cli::explain::equivalence_property;
use crate::cli::findings::attached_to_a_resource;
use crate::cli::options::{Fixed, Format, kind};
use crate::cli::terminal::Terminal;
use crate::cli::{check_no_external_access, check_no_new_access, check_no_public_access, diff, findings};
use crate::policy::Kind;
use crate::report::paint::printable;
use crate::semantics::zone::Zone;
use crate::stack::Document;

/// Does a certificate prove its property of these documents?
///
/// The documents are read again and the question is put together again, from the options given here; the certificate is
/// believed in nothing. Each of its clauses must be one of the question's or a definition, each of its lemmas is decided
/// again with automata that the search does not use, each of its steps must follow from those before. The format is
/// described in the module `certificate` of the library.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("asked").required(true).args(["new_policy_document", "policy_document"]))]
pub struct Arguments {
    /// The certificate
    #[arg(value_name = "CERTIFICATE")]
    certificate: PathBuf,
    /// The existing policy, or the bound
    #[arg(long, visible_alias = "existing", value_name = "DOCUMENT", requires = "new_policy_document")]
    existing_policy_document: Option<OsString>,
    /// The new policy
    #[arg(long, visible_alias = "new", value_name = "DOCUMENT", requires = "existing_policy_document")]
    new_policy_document: Option<OsString>,
    /// The policy that was asked about
    #[arg(long, visible_alias = "policy", value_name = "DOCUMENT")]
    policy_document: Option<OsString>,
    /// What the certificate must prove; if absent, of two documents no-new-access, and of one what the other options say:
    /// no-public-access with a resource type, no-external-access with a zone of trust, else access-not-granted
    #[arg(long, value_name = "CHECK")]
    check: Option<Check>,
    #[command(flatten)]
    listed: Listed,
    /// What the policy is attached to, as check-no-public-access takes it
    #[arg(long, value_name = "TYPE", value_parser = resource_type, requires = "policy_document")]
    resource_type: Option<ResourceType>,
    /// The zone of trust, as check-no-external-access and findings take it
    #[arg(long, value_name = "ID", value_parser = Zone::parse, requires = "policy_document")]
    zone_of_trust: Option<Zone>,
    /// What the documents are attached to; inferred from the documents if absent
    #[arg(long, visible_alias = "type", value_name = "TYPE", value_parser = kind)]
    policy_type: Option<Kind>,
    /// Accept a document with errors that are not fatal
    #[arg(long)]
    lenient: bool,
    /// The check looked only at requests that the catalogue knows
    #[arg(long)]
    realistic: bool,
    /// Work units to spend on each proof: counted, not timed
    #[arg(long, value_name = "N", default_value_t = Settings::DEFAULT_BUDGET, value_parser = clap::value_parser!(u64).range(1..))]
    budget: u64,
    #[command(flatten)]
    fixed: Fixed,
}

/// `--check`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Check {
    /// The new policy allows nothing that the existing one does not.
    NoNewAccess,
    /// The policy grants none of the listed access.
    AccessNotGranted,
    /// The policy is not public.
    NoPublicAccess,
    /// The policy lets nobody from outside the zone of trust in.
    NoExternalAccess,
    /// The findings in the certificate cover all access from outside the zone of trust.
    Findings,
    /// The parts in the certificate are all that the new policy gained and lost.
    Diff,
    /// Both policies say the same, wherever they stand: what `explain --minify` proves.
    Equivalent,
}

const EXAMPLES: &str = "\
Exit codes: 0 accepted, 1 rejected, 2 unreadable, 3 the budget ended.

Examples:
  keyaki check-no-new-access --existing old.json --new new.json --certificate pass.keyaki
  keyaki verify pass.keyaki --existing old.json --new new.json
  keyaki verify pass.keyaki --policy policy.json --access actions=s3:DeleteBucket
  keyaki verify pass.keyaki --policy bucket.json --resource-type AWS::S3::Bucket
  keyaki verify pass.keyaki --policy bucket.json --zone-of-trust 123456789012 --check findings
  keyaki verify all.keyaki --existing old.json --new new.json --check diff
  keyaki explain --minify policy.json --certificate same.keyaki > smaller.json
  keyaki verify same.keyaki --existing policy.json --new smaller.json --check equivalent";

/// The assumptions that it rests on, or why it is not accepted.
type Judgement = Result<Vec<String>, Refused>;

/// Runs the command.
pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let file = read(&arguments.certificate)?;
    let mut documents = Documents::default();
    let (existing, asked) = arguments.documents(&mut documents)?;
    let access = check_access_not_granted::accesses(&arguments.listed, &mut documents)?;
    let catalogue = documents.catalogue(arguments.fixed.catalogue.as_deref())?;
    let admission = documents.admitted(arguments.strictness(), terminal)?;
    let (Some(asked), true) = (asked, existing.is_some() == arguments.existing_policy_document.is_some()) else {
        return Err(refusal("a document", &documents.diagnostics));
    };
    let about = About { arguments, existing: existing.as_ref(), asked: &asked, access: &access, catalogue: &catalogue };
    let judgement = if admission == Admission::Clean {
        about.judge(&file, &documents)?
    } else {
        Err(Refused::Rejected("a document with errors never ends in PASS; see `--lenient`".to_owned()))
    };
    terminal.show(&about.shown(&judgement, &file, terminal.format)?)?;
    Ok(match judgement {
        Ok(_) => Exit::Holds,
        Err(Refused::Rejected(_)) => Exit::Fails,
        Err(Refused::Undecided(_)) => Exit::Undecided,
    })
}

impl Arguments {
    fn strictness(&self) -> Strictness {
        if self.lenient { Strictness::Lenient } else { Strictness::Ordinary }
    }

    fn check(&self) -> Check {
        let of_one = match (&self.resource_type, &self.zone_of_trust) {
            (Some(_), _) => Check::NoPublicAccess,
            (None, Some(_)) => Check::NoExternalAccess,
            (None, None) => Check::AccessNotGranted,
        };
        let inferred = if self.existing_policy_document.is_some() { Check::NoNewAccess } else { of_one };
        self.check.unwrap_or(inferred)
    }

    /// The documents, read as the check read them.
    fn documents(&self, documents: &mut Documents) -> Result<(Option<Given>, Option<Given>), Failure> {
        let side = if self.check() == Check::Equivalent { Side::Asked } else { Side::Existing };
        // a difference reads either side as one that bounds the other
        let other = if self.check() == Check::Diff { Side::Existing } else { Side::Asked };
        let how = |side, kind| Reading { kind, side, strictness: self.strictness() };
        let existing = match &self.existing_policy_document {
            Some(argument) => documents.given(argument, how(side, self.policy_type))?,
            None => None,
        };
        let of_first = match existing.as_ref().map(|given| &given.document) {
            Some(Document::Policy(policy)) if self.check() == Check::Equivalent => Some(policy.kind),
            Some(Document::Policy(_) | Document::Stack(_)) | None => None,
        };
        let kind = self.resource_type.map(|known| known.kind).or(self.policy_type).or(of_first);
        let asked = match self.new_policy_document.as_ref().or(self.policy_document.as_ref()) {
            Some(argument) => documents.given(argument, how(other, kind))?,
            None => None,
        };
        Ok((existing, asked))
    }

    fn settings(&self) -> Settings {
        Settings {
            budget: self.budget,
            principal: self.fixed.principal.clone(),
            resource_account: self.fixed.resource_account.clone(),
            requests: if self.realistic { Requests::Realistic } else { Requests::Free },
            ..Settings::default()
        }
    }
}

/// What the certificate is to be about.
struct About<'a> {
    arguments: &'a Arguments,
    existing: Option<&'a Given>,
    asked: &'a Given,
    access: &'a [Access],
    catalogue: &'a Catalogue,
}

impl About<'_> {
    /// Puts the question together and has the certificate checked.
    fn judge(&self, file: &File, documents: &Documents) -> Result<Judgement, Failure> {
        let (settings, side, catalogue) = (self.arguments.settings(), self.asked.document.side(), self.catalogue);
        let verified = |claims: &Claims<'_>| {
            let property = self.property(documents)?;
            Ok(file.verify(&property, claims, self.arguments.budget))
        };
        match self.arguments.check() {
            Check::NoNewAccess => {
                let old = self.existing()?.document.side();
                verified(&Claims::Question(Question::no_new_access(old, side, catalogue, &settings)))
            }
            Check::AccessNotGranted => {
                let question = Question::access_not_granted(side, self.access, catalogue, &settings);
                verified(&Claims::Question(question))
            }
            Check::NoPublicAccess => {
                attached_to_a_resource(side)?;
                let asked = FromOutside::public(side, self.resource_type()?.service_keys, &settings);
                verified(&Claims::Question(asked.question(catalogue)))
            }
            Check::NoExternalAccess => {
                attached_to_a_resource(side)?;
                let asked = FromOutside::external(side, self.zone()?, &settings);
                verified(&Claims::Question(asked.question(catalogue)))
            }
            Check::Findings => {
                attached_to_a_resource(side)?;
                verified(&Claims::Findings { side, zone: self.zone()?, catalogue })
            }
            Check::Diff => {
                let sides = [self.existing()?.document.side(), side];
                verified(&Claims::Difference { sides, catalogue, settings: &settings })
            }
            Check::Equivalent => match (&self.existing()?.document, &self.asked.document) {
                (Document::Policy(first), Document::Policy(second)) => {
                    verified(&Claims::Equivalence { documents: [first, second], catalogue, settings: &settings })
                }
                (Document::Policy(_) | Document::Stack(_), _) => Err(missing("policies, not stacks")),
            },
        }
    }

    fn property(&self, documents: &Documents) -> Result<Property, Failure> {
        let Arguments { fixed, lenient, realistic, .. } = self.arguments;
        let manner = Manner { fixed, lenient: *lenient, realistic: *realistic };
        Ok(match self.arguments.check() {
            Check::NoNewAccess => check_no_new_access::property(self.existing()?, self.asked, manner, documents),
            Check::AccessNotGranted => check_access_not_granted::property(self.asked, self.access, manner, documents),
            Check::NoPublicAccess => {
                check_no_public_access::property(self.asked, self.resource_type()?, manner, documents)
            }
            Check::NoExternalAccess => check_no_external_access::property(self.asked, self.zone()?, manner, documents),
            Check::Findings => findings::property(self.asked, self.zone()?, manner, documents),
            Check::Diff => diff::property(self.existing()?, self.asked, manner, documents),
            Check::Equivalent => equivalence_property(self.existing()?, self.asked, manner, documents),
        })
    }

    fn existing(&self) -> Result<&Given, Failure> {
        self.existing.ok_or_else(|| missing("--existing and --new"))
    }

    fn zone(&self) -> Result<&Zone, Failure> {
        self.arguments.zone_of_trust.as_ref().ok_or_else(|| missing("--zone-of-trust"))
    }

    fn resource_type(&self) -> Result<ResourceType, Failure> {
        self.arguments.resource_type.ok_or_else(|| missing("--resource-type"))
    }
}

fn missing(what: &str) -> Failure {
    Failure::CouldNotRun(format!("error: this check is verified with {what}"))
}

fn read(path: &Path) -> Result<File, Failure> {
    let name = path.display();
    let unreadable = |what: String| Failure::CouldNotRun(format!("error: {name} cannot be read: {what}"));
    let opened = Opened::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::new();
    opened.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > LONGEST {
        return Err(unreadable(format!("it is longer than {} MiB", LONGEST >> 20)));
    }
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8".to_owned()))?;
    File::read(&text).map_err(unreadable)
}

impl About<'_> {
    fn shown(&self, judgement: &Judgement, file: &File, format: Format) -> Result<String, Failure> {
        let (result, reason) = match judgement {
            Ok(_) => ("ACCEPTED", ""),
            Err(Refused::Rejected(reason)) => ("REJECTED", reason.as_str()),
            Err(Refused::Undecided(reason)) => ("UNKNOWN", reason.as_str()),
        };
        Ok(match (format, judgement) {
            (Format::Json, Ok(assumptions)) => {
                let claim = self.claim()?;
                let mut shown = json!({"result": result, "claim": claim, "assumptions": assumptions});
                if let (Some(name), Some(members)) = (self.listing(), shown.as_object_mut()) {
                    members.insert(name.to_owned(), json!(self.listed(file)));
                }
                if let Some(members) = shown.as_object_mut() {
                    members.insert("schema".to_owned(), json!("keyaki/1"));
                }
                format!("{shown}\n")
            }
            (Format::Json, Err(_)) => {
                format!("{}\n", json!({"result": result, "reason": reason, "schema": "keyaki/1"}))
            }
            (Format::Text, Ok(assumptions)) => self.accepted(assumptions, file)?,
            (Format::Text, Err(_)) => format!("{result}  {reason}\n"),
        })
    }

    /// What is proved, in a sentence.
    fn claim(&self) -> Result<String, Failure> {
        let name = &self.asked.name;
        Ok(match self.arguments.check() {
            Check::NoNewAccess => format!("{name} allows nothing that {} does not.", self.existing()?.name),
            Check::AccessNotGranted => format!("{name} grants none of the listed access."),
            Check::NoPublicAccess => format!("{name} gives the public no access."),
            Check::NoExternalAccess => format!("{name} lets nobody from outside {} in.", self.zone()?),
            Check::Findings => {
                format!("All that {name} allows from outside {} is in the findings of the certificate.", self.zone()?)
            }
            Check::Diff => {
                let old = &self.existing()?.name;
                format!("All that differs between {old} and {name} is in the parts of the certificate.")
            }
            Check::Equivalent => format!("{name} says the same as {}, wherever they stand.", self.existing()?.name),
        })
    }

    /// What the claim names of the certificate's own.
    fn listing(&self) -> Option<&'static str> {
        match self.arguments.check() {
            Check::Findings => Some("findings"),
            Check::Diff => Some("parts"),
            Check::NoNewAccess
            | Check::AccessNotGranted
            | Check::NoPublicAccess
            | Check::NoExternalAccess
            | Check::Equivalent => None,
        }
    }

    /// The findings or parts of the certificate in words.
    fn listed(&self, file: &File) -> Vec<String> {
        let words = |proved: &Proved| match &proved.proof.given {
            Beside::Regions(regions) => in_words(self.asked.document.side(), regions),
            Beside::Cubes(cubes) => {
                let way = proved.none.split(' ').next().unwrap_or_default();
                cubes.iter().map(|cube| format!("{way}: {}", cube.in_words())).collect()
            }
            Beside::Nothing | Beside::Blocks(_) => Vec::new(),
        };
        file.proofs.iter().flat_map(words).collect()
    }

    fn accepted(&self, assumptions: &[String], file: &File) -> Result<String, Failure> {
        let rests =
            if assumptions.is_empty() { "nothing but the documents".to_owned() } else { assumptions.join("; ") };
        let proofs = || file.proofs.iter().map(|proved| &proved.proof);
        let chosen = if proofs().all(|proof| proof.readings.fixed.is_empty()) {
            "every one"
        } else {
            "some chosen, see `readings` in the certificate"
        };
        let lemmas: usize = proofs().map(|proof| proof.certificate.lemmas.len()).sum();
        let steps: usize = proofs().map(|proof| proof.certificate.steps.len()).sum();
        let mut out = format!("ACCEPTED  {}\n", self.claim()?);
        for one in self.listed(file) {
            out.push_str(&format!("\n  - {}", printable(&one)));
        }
        if proofs().any(|proof| matches!(proof.given, Beside::Blocks(_))) {
            out.push_str("\n  addresses     counted again: outsiders come from few at most");
        }
        let counts = format!("{lemmas} lemmas, {steps} steps");
        out.push_str(&format!("\n  relies on     {rests}\n  readings      {chosen}\n  checked       {counts}\n"));
        Ok(out)
    }
}
